import { isObject } from "../core/json.ts";

/** A schema of the OpenAPI description, or one made from it for ajv. */
export type Schema = Record<string, unknown>;

/** Changes to the description, by place: `<schema>.<property>`. */
export interface Amendments {
  /** Places that the description does not know yet. */
  added: ReadonlySet<string>;
  /** Places that it has and that have gone since: whoever still uses them is refused. */
  removed: ReadonlySet<string>;
  /** Places where newer values are sent than it lists. */
  widened: ReadonlySet<string>;
}

const KEPT = ["type", "enum", "maxLength", "minimum", "maximum", "pattern"];

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function nameOf(reference: unknown): string | undefined {
  return typeof reference === "string" ? reference.split("/").at(-1) : undefined;
}

/**
 * Turns an OpenAPI 3.0 schema into JSON Schema for ajv. References become the keyword `one`, which
 * looks the schema up only when data reaches it, and unknown properties are refused everywhere.
 */
export function convert(schema: Schema, place: string, amend: Amendments): Schema {
  if (amend.widened.has(place)) return {};
  const inner = convertPlain(schema, place, amend);
  return schema["nullable"] === true ? { anyOf: [{ type: "null" }, inner] } : inner;
}

function convertPlain(schema: Schema, place: string, amend: Amendments): Schema {
  const reference = nameOf(schema["$ref"]);
  if (reference !== undefined) return { one: [reference] };
  const branches = listOf(schema["anyOf"]).filter(isObject);
  if (branches.length > 0) return convertBranches(branches, place, amend);
  const made: Schema = {};
  for (const key of KEPT) if (schema[key] !== undefined) made[key] = schema[key];
  if (isObject(schema["items"])) made["items"] = convert(schema["items"], `${place}[]`, amend);
  if (isObject(schema["properties"]) || schema["type"] === "object") {
    Object.assign(made, convertObject(schema, place, amend));
  }
  return made;
}

function convertBranches(branches: Schema[], place: string, amend: Amendments): Schema {
  const names = branches.map((branch) => nameOf(branch["$ref"]));
  const references = names.filter((name) => name !== undefined);
  const plain = branches.filter((_, index) => names[index] === undefined);
  const converted = plain.map((branch) => convert(branch, place, amend));
  if (references.length > 0) converted.push({ one: references });
  const [only] = converted;
  return converted.length === 1 && only !== undefined ? only : { anyOf: converted };
}

function convertObject(schema: Schema, place: string, amend: Amendments): Schema {
  const given = isObject(schema["properties"]) ? schema["properties"] : {};
  const properties: Schema = {};
  for (const [key, value] of Object.entries(given)) {
    if (amend.removed.has(`${place}.${key}`)) continue;
    properties[key] = isObject(value) ? convert(value, `${place}.${key}`, amend) : {};
  }
  for (const added of amend.added) {
    const [owner, key] = splitPlace(added);
    if (owner === place) properties[key] = {};
  }
  const required = listOf(schema["required"]).filter((key) =>
    !amend.removed.has(`${place}.${String(key)}`)
  );
  const rest = schema["additionalProperties"];
  // A hash without any property of its own, such as metadata, is open.
  const open = Object.keys(properties).length === 0 && rest === undefined;
  return {
    type: "object",
    properties,
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: isObject(rest)
      ? convert(rest, `${place}.*`, amend)
      : open || rest === true,
  };
}

function splitPlace(place: string): [string, string] {
  const dot = place.lastIndexOf(".");
  return [place.slice(0, dot), place.slice(dot + 1)];
}
