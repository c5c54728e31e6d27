import * as z from "zod";
import { errorTable } from "../../../shared/contract/error-table.ts";
import { type Operation, operations } from "../../../shared/contract/operations.ts";
import { readProjectFile } from "../../source/project-files.ts";
import { parameters } from "./parameters.ts";
import type { Recorded } from "./recorded.ts";
import { anyOf, failure, response, sharedResponses } from "./responses.ts";
import { type JsonSchema, optional } from "./json-schema.ts";
import { componentSchemas, reached } from "./schemas.ts";
import { securityOf, securitySchemes } from "./security.ts";

const { version } = z.object({ version: z.string() }).parse(
  JSON.parse(readProjectFile("package.json")),
);

const info = {
  title: "BillingOS Checkout",
  version,
  summary: "A customer buys a subscription inside a merchant's page.",
  description:
    "Amounts are integers in the currency's minor unit. Times are RFC 3339, UTC. Decide by an error's `code`, never by its `message`. An answer may get more properties: take no notice of those that you do not know. HEAD is answered where GET is.",
  license: { name: "MIT", identifier: "MIT" },
};

const servers = [{
  url: "https://{ref}.supabase.co/functions/v1",
  description: "Your Supabase project",
  variables: {
    ref: { default: "abcdefghijklmnopqrst", description: "The project's reference id" },
  },
}];

const headers = {
  RequestId: {
    description: "Stands in every log line of the request, and in an error's body.",
    required: true,
    schema: { type: "string", pattern: "^req_[0-9a-f-]{36}$" },
  },
  RetryAfter: {
    description: "Seconds after which the same request may succeed.",
    schema: { type: "string", pattern: "^[0-9]+$" },
  },
};

/** `:name` as OpenAPI writes it. */
export const template = (path: string): string => path.replaceAll(/:(\w+)/g, "{$1}");

/** The document, of what the contract says and what was recorded of a run. */
export function openapiDocument(recorded: Recorded): JsonSchema {
  const all = componentSchemas();
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const operation of operations) {
    const methods = paths[template(operation.path)] ??= {};
    methods[operation.method.toLowerCase()] = described(operation, all, recorded);
  }
  const tags = [...new Set(operations.map(({ slug }) => slug))].map((name) => ({
    name,
    description: `The function \`${name}\``,
  }));
  const responses = sharedResponses(paths);
  const schemas = reached([paths, responses, headers], all);
  return {
    openapi: "3.1.0",
    info,
    servers,
    tags,
    paths,
    components: { securitySchemes, headers, responses, schemas },
  };
}

function described(
  operation: Operation,
  all: Readonly<Record<string, JsonSchema>>,
  recorded: Recorded,
): JsonSchema {
  const { id, slug, summary, proof, body, errors } = operation;
  const of = (status: number) =>
    recorded.filter((one) => one.operation === id && one.status === status);
  const requests = Object.fromEntries(
    recorded.filter((one) => one.operation === id && one.request !== undefined)
      .map(({ name, request }) => [name, { value: request }]),
  );
  const responses: Record<string, JsonSchema> = {
    [operation.status]: response(
      "As asked",
      anyOf(operation.answers),
      of(operation.status),
    ),
  };
  for (const status of new Set(errors.map((code) => errorTable[code].status))) {
    const codes = errors.filter((code) => errorTable[code].status === status);
    responses[status] = failure(codes, operation, of(status));
  }
  return {
    operationId: id,
    tags: [slug],
    summary,
    security: securityOf[proof],
    ...optional("parameters", parameters(operation, all)),
    ...(body === undefined ? {} : {
      requestBody: {
        required: true,
        content: {
          "application/json": { schema: anyOf(body), ...optional("examples", requests) },
        },
      },
    }),
    ...(proof === "stripe"
      ? { requestBody: { required: true, content: { "application/json": { schema: event } } } }
      : {}),
    responses,
  };
}

/** Stripe's own words describe it. */
const event = {
  type: "object",
  description: "An event: https://docs.stripe.com/api/events/object",
};

/** The text of docs/openapi.json. */
export const openapiText = (recorded: Recorded): string =>
  `${JSON.stringify(openapiDocument(recorded), null, 2)}\n`;
