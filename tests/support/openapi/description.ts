import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import * as z from "zod";
import { readProjectFile } from "../../../scripts/source/project-files.ts";

const schema = z.record(z.string(), z.unknown());
const response = z.object({
  $ref: z.string().optional(),
  content: z.record(z.string(), z.object({ schema })).optional(),
});
const operation = z.object({
  operationId: z.string(),
  requestBody: z.object({ content: z.object({ "application/json": z.object({ schema }) }) })
    .optional(),
  responses: z.record(z.string(), response),
});
const document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operation)),
});

const text = readProjectFile("docs/openapi.json");
const { paths } = document.parse(JSON.parse(text));

/** One operation of docs/openapi.json. */
export interface Described {
  readonly id: string;
  readonly method: string;
  /** With `:name` for a parameter. */
  readonly path: string;
  readonly statuses: readonly number[];
}

/** Every operation that docs/openapi.json describes. */
export const described: readonly Described[] = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId, responses }]) => ({
    id: operationId,
    method: method.toUpperCase(),
    path: path.replaceAll(/\{(\w+)\}/g, ":$1"),
    statuses: Object.keys(responses).map(Number),
  }))
);

/**
 * As the document has it, but that nothing may have a property more: a client takes no notice of one, and a test is where it is noticed.
 */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const inner = Object.entries(value).map(([key, one]): [string, unknown] => [
    key,
    closed(one),
  ]);
  const isOpen = "type" in value && value.type === "object" && "properties" in value &&
    !("additionalProperties" in value);
  return Object.fromEntries<unknown>(
    isOpen ? [...inner, ["additionalProperties", false]] : inner,
  );
}

let ajv: Ajv2020 | undefined;
const compiled = new Map<string, ValidateFunction>();

/** The check of what stands at a place of the document; made when it is first asked for. */
function checkAt(pointer: string): ValidateFunction {
  // Each is made once for a worker: making it with care costs more than a faster check saves.
  ajv ??= new Ajv2020({
    strict: false,
    allErrors: true,
    validateFormats: false,
    code: { optimize: false },
  }).addSchema(schema.parse(closed(JSON.parse(text))), "openapi");
  const made = compiled.get(pointer) ?? ajv.compile({ $ref: `openapi#${pointer}` });
  compiled.set(pointer, made);
  return made;
}

function faultsAt(pointer: string, value: unknown): string[] {
  const check = checkAt(pointer);
  if (check(value)) return [];
  return (check.errors ?? []).map(({ instancePath, message, params }) =>
    `${instancePath} ${message ?? "is wrong"} ${JSON.stringify(params)}`
  );
}

const escaped = (step: string) =>
  encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1"));
const operationAt = ({ path, method }: Described) =>
  `/paths/${escaped(path.replaceAll(/:(\w+)/g, "{$1}"))}/${method.toLowerCase()}`;
const CONTENT = "/content/application~1json/schema";

/** What is wrong with an answer's body, by what the document says of this status of the operation. */
export function answerFaults(of: Described, status: number, body: unknown): string[] {
  const place = paths[of.path.replaceAll(/:(\w+)/g, "{$1}")]?.[of.method.toLowerCase()]
    ?.responses[status];
  if (place === undefined) return [`${status} is not described`];
  return faultsAt(
    (place.$ref?.slice(1) ?? `${operationAt(of)}/responses/${status}`) + CONTENT,
    body,
  );
}

/** What is wrong with a request's body. */
export const requestFaults = (of: Described, body: unknown): string[] =>
  faultsAt(`${operationAt(of)}/requestBody${CONTENT}`, body);

/** What is wrong with an error's body, whichever operation answers it. */
export const errorFaults = (body: unknown): string[] =>
  faultsAt("/components/schemas/ErrorResponse", body);
