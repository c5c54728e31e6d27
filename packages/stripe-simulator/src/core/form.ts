import { malformed } from "./errors.ts";
import type { Json } from "./json.ts";

/** A form-encoded value: text, or a hash or list of values by key. */
export type FormValue = string | FormMap;
export type FormMap = Map<string, FormValue>;

const DEEPEST = 8;

/** Decodes `a[b][0][c]=v` and `a[]=v`. Maps, not objects: a key may be `__proto__`. */
export function decodeForm(text: string, into: FormMap = new Map()): FormMap {
  for (const [name, value] of new URLSearchParams(text)) put(into, pathOf(name), value);
  return into;
}

function pathOf(name: string): string[] {
  const open = name.indexOf("[");
  if (open <= 0) return [name];
  if (!name.endsWith("]")) throw malformed(`Invalid request: unbalanced brackets in '${name}'`);
  const path = [name.slice(0, open), ...name.slice(open + 1, -1).split("][")];
  if (path.length > DEEPEST) throw malformed("Invalid request: parameters nested too deeply");
  return path;
}

function put(map: FormMap, path: string[], value: string): void {
  let at = map;
  for (const [depth, raw] of path.entries()) {
    const key = raw === "" && depth > 0 ? String(at.size) : raw;
    if (depth === path.length - 1) {
      at.set(key, value);
      return;
    }
    const next = at.get(key);
    if (next instanceof Map) at = next;
    else {
      const made: FormMap = new Map();
      at.set(key, made);
      at = made;
    }
  }
}

/** The same as plain JSON, for the exchange log: keys 0, 1, 2… make a list. */
export function formToJson(value: FormValue): Json {
  if (typeof value === "string") return value;
  const keys = [...value.keys()];
  if (keys.length > 0 && keys.every((key, index) => key === String(index))) {
    return [...value.values()].map(formToJson);
  }
  return Object.fromEntries([...value].map(([key, inner]) => [key, formToJson(inner)]));
}
