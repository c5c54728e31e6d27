import { malformed } from "./errors.ts";
import type { FormMap, FormValue } from "./form.ts";

/** How one parameter is read. `parse` throws Stripe's own refusal. */
export interface Field<T, Required extends boolean = boolean> {
  readonly required: Required;
  parse(value: FormValue, path: string): T;
}

export type Shape = Readonly<Record<string, Field<unknown>>>;

type RequiredKeys<S extends Shape> = {
  [K in keyof S]: S[K]["required"] extends true ? K : never;
}[keyof S];

/** What a shape reads: optional parameters are absent, never undefined. */
export type Params<S extends Shape> =
  & { [K in RequiredKeys<S>]: ReturnType<S[K]["parse"]> }
  & { [K in Exclude<keyof S, RequiredKeys<S>>]?: ReturnType<S[K]["parse"]> };

function field<T>(parse: (value: FormValue, path: string) => T): Field<T, false> {
  return { required: false, parse };
}

export function required<T>(inner: Field<T>): Field<T, true> {
  return { required: true, parse: (value, path) => inner.parse(value, path) };
}

function asText(value: FormValue, path: string): string {
  if (typeof value !== "string") throw malformed("Invalid string", { param: path });
  if (value === "") {
    throw malformed(
      `You passed an empty string for '${path}'. We assume empty values are an attempt to unset a field; however '${path}' cannot be unset. You should remove '${path}' from your request or supply a non-empty value.`,
      { code: "parameter_invalid_empty", param: path },
    );
  }
  return value;
}

export function text(longest = 5000): Field<string, false> {
  return field((value, path) => {
    const read = asText(value, path);
    if (read.length > longest) {
      throw malformed(`Invalid string: must be at most ${longest} characters`, { param: path });
    }
    return read;
  });
}

export function integer(
  least = Number.MIN_SAFE_INTEGER,
  most = Number.MAX_SAFE_INTEGER,
): Field<number, false> {
  return field((value, path) => {
    const read = asText(value, path);
    if (!/^-?\d{1,15}$/.test(read)) {
      throw malformed(`Invalid integer: ${read}`, {
        code: "parameter_invalid_integer",
        param: path,
      });
    }
    if (Number(read) < least) {
      throw malformed(`This value must be greater than or equal to ${least}.`, {
        code: "parameter_invalid_integer",
        param: path,
      });
    }
    if (Number(read) > most) {
      throw malformed(`This value must be less than or equal to ${most}.`, {
        code: "parameter_invalid_integer",
        param: path,
      });
    }
    return Number(read);
  });
}

/** A number with at most two decimal places. */
export function decimal(least: number, most: number): Field<number, false> {
  return field((value, path) => {
    const read = asText(value, path);
    const number = Number(read);
    if (!/^-?\d+(\.\d+)?$/.test(read) || number < least || number > most) {
      throw malformed(`Invalid decimal: ${read}; must be between ${least} and ${most}`, {
        param: path,
      });
    }
    if (/\.\d{3,}$/.test(read)) {
      throw malformed(`Invalid decimal: ${read}; must contain at maximum two decimal places.`, {
        param: path,
      });
    }
    return number;
  });
}

export function flag(): Field<boolean, false> {
  return field((value, path) => {
    const read = asText(value, path);
    if (read === "true") return true;
    if (read === "false") return false;
    throw malformed(`Invalid boolean: ${read}`, { param: path });
  });
}

export function choice<const T extends string>(...values: T[]): Field<T, false> {
  return field((value, path) => {
    const read = asText(value, path);
    const found = values.find((one) => one === read);
    if (found !== undefined) return found;
    throw malformed(`Invalid ${path}: must be one of ${values.join(", ")}`, { param: path });
  });
}

/** Either of two readings: a whole number or one of a few words, say. */
export function either<A, B>(first: Field<A>, second: Field<B>): Field<A | B, false> {
  return field((value, path) => {
    try {
      return first.parse(value, path);
    } catch {
      return second.parse(value, path);
    }
  });
}

/** The empty string unsets: it is read as null. */
export function emptyable<T>(inner: Field<T>): Field<T | null, false> {
  return field((value, path) => (value === "" ? null : inner.parse(value, path)));
}

export function list<T>(inner: Field<T>): Field<T[], false> {
  return field((value, path) => {
    if (!(value instanceof Map) || ![...value.keys()].every((key) => /^\d+$/.test(key))) {
      throw malformed("Invalid array", { param: path });
    }
    return [...value].map(([key, one]) => inner.parse(one, `${path}[${key}]`));
  });
}

export function hash<S extends Shape>(shape: S): Field<Params<S>, false> {
  return field((value, path) => {
    if (!(value instanceof Map)) throw malformed("Invalid object", { param: path });
    return parseParams(shape, value, path);
  });
}

/** How many keys an object has at most; what one may be: https://docs.stripe.com/metadata */
export const METADATA_KEYS = 50;

export const tooManyKeys = (count: number, param: string): Error =>
  malformed(`You can have up to ${METADATA_KEYS} metadata keys, you sent ${count}`, { param });

/** Text by key, an empty value meaning "remove": https://docs.stripe.com/api/metadata */
export function metadata(): Field<Record<string, string>, false> {
  return field((value, path) => {
    if (value === "") return {};
    if (!(value instanceof Map)) throw malformed("Invalid object", { param: path });
    if (value.size > METADATA_KEYS) throw tooManyKeys(value.size, path);
    const entries = [...value].map(([key, one]): [string, string] => {
      if (typeof one !== "string") throw malformed("Invalid string", { param: `${path}[${key}]` });
      if (key.length > 40 || one.length > 500 || /[[\]]/.test(key)) {
        throw malformed(
          "Metadata keys can have up to 40 characters, without square brackets, and metadata values up to 500 characters.",
          { param: path },
        );
      }
      return [key, one];
    });
    return Object.fromEntries(entries);
  });
}

/** A time filter: a second, or bounds. */
export function timeRange(): Field<
  number | { gt?: number; gte?: number; lt?: number; lte?: number },
  false
> {
  return either(
    integer(),
    hash({ gt: integer(), gte: integer(), lt: integer(), lte: integer() }),
  );
}

function isComplete<S extends Shape>(
  shape: S,
  read: Record<string, unknown>,
): read is Record<string, unknown> & Params<S> {
  return Object.entries(shape).every(([key, one]) => !one.required || Object.hasOwn(read, key));
}

/** Reads all parameters of a call; unknown and missing ones are refused. */
export function parseParams<S extends Shape>(shape: S, form: FormMap, path = ""): Params<S> {
  const named = (key: string): string => (path === "" ? key : `${path}[${key}]`);
  const unknown = [...form.keys()].filter((key) => !Object.hasOwn(shape, key)).map(named);
  if (unknown.length > 0) {
    throw malformed(
      `Received unknown parameter${unknown.length > 1 ? "s" : ""}: ${unknown.join(", ")}`,
      { code: "parameter_unknown", param: unknown[0] ?? "" },
    );
  }
  const read: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(shape)) {
    const value = form.get(key);
    if (value !== undefined) read[key] = one.parse(value, named(key));
    else if (one.required) {
      throw malformed(`Missing required param: ${named(key)}.`, {
        code: "parameter_missing",
        param: named(key),
      });
    }
  }
  if (!isComplete(shape, read)) throw new TypeError("a parameter was lost in reading");
  return read;
}
