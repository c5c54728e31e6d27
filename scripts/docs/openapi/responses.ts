import type * as z from "zod";
import { errorResponse } from "../../../shared/contract/error.ts";
import { type ErrorCode, errorTable } from "../../../shared/contract/error-table.ts";
import type { Operation } from "../../../shared/contract/operations.ts";
import type { Recorded } from "./recorded.ts";
import { isObject, type JsonSchema, optional } from "./json-schema.ts";
import { reference } from "./schemas.ts";

/** A value of any one of the schemas. */
export function anyOf(schemas: readonly z.core.$ZodType[]): JsonSchema {
  const references = schemas.map((schema) => reference(schema));
  return references.length === 1 ? { ...references[0] } : { anyOf: references };
}

/** An answer in JSON, with what was recorded of it. */
export function response(
  description: string,
  schema: JsonSchema,
  recorded: Recorded,
  retry = false,
): JsonSchema {
  const examples = Object.fromEntries(
    recorded.map(({ name, answer }) => [name, { value: answer }]),
  );
  return {
    description,
    headers: {
      "x-request-id": { $ref: "#/components/headers/RequestId" },
      ...(retry ? { "retry-after": { $ref: "#/components/headers/RetryAfter" } } : {}),
    },
    content: { "application/json": { schema, ...optional("examples", examples) } },
  };
}

/** The codes of one status; `Retry-After` comes with those of them that pass. */
export function failure(
  codes: readonly ErrorCode[],
  { degraded }: Operation,
  recorded: Recorded,
): JsonSchema {
  const told = codes.map((code) => `- \`${code}\`: ${errorTable[code].message}`).join("\n");
  const schema = {
    allOf: [
      reference(errorResponse),
      { properties: { error: { properties: { code: { enum: codes } } } } },
    ],
  };
  const isDegraded = codes.some((code) => errorTable[code].status === degraded?.status);
  return response(
    told,
    degraded !== undefined && isDegraded ? { anyOf: [reference(degraded.answer), schema] } : schema,
    recorded,
    codes.some((code) => errorTable[code].retry),
  );
}

/** Puts responses that several operations have under the name of the first one, and answers those. */
export function sharedResponses(paths: Readonly<Record<string, Record<string, JsonSchema>>>) {
  const kept: Record<string, unknown> = {};
  const seen = new Map<string, { responses: JsonSchema; status: string; name: string }>();
  for (
    const { operationId, responses } of Object.values(paths).flatMap((one) => Object.values(one))
  ) {
    if (!isObject(responses)) continue;
    for (const [status, given] of Object.entries(responses)) {
      const text = JSON.stringify(given);
      const first = seen.get(text);
      if (first === undefined) {
        seen.set(text, { responses, status, name: `${String(operationId)}${status}` });
        continue;
      }
      kept[first.name] = given;
      const shared = { $ref: `#/components/responses/${first.name}` };
      first.responses[first.status] = shared;
      responses[status] = shared;
    }
  }
  return kept;
}
