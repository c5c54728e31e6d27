import type * as z from "zod";
import { clientSecret } from "../../../shared/contract/confirm.ts";
import { idempotencyKeyHeader } from "../../../shared/contract/create.ts";
import type { Operation } from "../../../shared/contract/operations.ts";
import { uuid } from "../../../shared/contract/primitives.ts";
import { isObject, type JsonSchema } from "./json-schema.ts";
import { reference } from "./schemas.ts";

/** What stands in the path, the headers and the query. */
export function parameters(
  { path, idempotent, query }: Operation,
  all: Readonly<Record<string, JsonSchema>>,
): JsonSchema[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: reference(name === "clientSecret" ? clientSecret : uuid),
  }));
  const inHeader = idempotent === undefined ? [] : [{
    name: "Idempotency-Key",
    in: "header",
    description: "The same key with the same body is answered with the same checkout.",
    schema: reference(idempotencyKeyHeader),
  }];
  return [...inPath, ...inHeader, ...(query === undefined ? [] : inQuery(query, all))];
}

function inQuery(
  query: z.core.$ZodType,
  all: Readonly<Record<string, JsonSchema>>,
): JsonSchema[] {
  const name = String(reference(query)["$ref"]).split("/").at(-1) ?? "";
  const { properties, required } = all[name] ?? {};
  return Object.entries(isObject(properties) ? properties : {}).map(([key, schema]) => ({
    name: key,
    in: "query",
    required: Array.isArray(required) && required.includes(key),
    schema,
  }));
}
