/** A schema in the words of JSON Schema 2020-12, which are those of OpenAPI 3.1. */
export type JsonSchema = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A property that is left out where it would be empty. */
export const optional = (name: string, value: object): JsonSchema =>
  Object.keys(value).length === 0 ? {} : { [name]: value };
