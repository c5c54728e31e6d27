import * as z from "zod/mini";
import { jsonOf } from "../../../scripts/json.ts";
import { confirmResponse } from "../../../shared/contract/confirm.ts";
import { createResponse } from "../../../shared/contract/create.ts";
import {
  entitlementsResponse,
  sdkCheckResponse,
  sdkEntitlementsResponse,
} from "../../../shared/contract/entitlements.ts";
import { errorResponse } from "../../../shared/contract/error.ts";
import { deepHealthResponse, healthResponse } from "../../../shared/contract/health.ts";
import { productsResponse } from "../../../shared/contract/products.ts";
import { openapiResponse } from "../../../shared/contract/openapi.ts";
import { portalResponse } from "../../../shared/contract/portal.ts";
import { endingResponse, subscriptionsResponse } from "../../../shared/contract/subscription.ts";
import { reconcileResponse } from "../../../shared/contract/reconcile.ts";
import {
  createSessionTokenResponse,
  revokeSessionTokenResponse,
} from "../../../shared/contract/session-token.ts";
import { ownedSnapshot, snapshot } from "../../../shared/contract/snapshot.ts";
import { errorTable } from "../../../shared/contract/error-table.ts";
import type { WireAnswer, WireRequest } from "./wire.ts";

const strict = <Shape extends z.core.$ZodShape>({ shape }: z.ZodMiniObject<Shape>) =>
  z.strictObject(shape);

/** What a success may look like, key for key, at each function. */
export const successes: Readonly<Record<string, readonly z.core.$ZodType[]>> = {
  "session-tokens": [strict(createSessionTokenResponse), strict(revokeSessionTokenResponse)],
  "checkout-create": [strict(createResponse)],
  "checkout-confirm": [strict(confirmResponse)],
  "checkout-status": [strict(snapshot), strict(ownedSnapshot)],
  "checkout-cancel": [strict(snapshot)],
  entitlements: [strict(entitlementsResponse)],
  products: [strict(productsResponse)],
  subscription: [strict(subscriptionsResponse), strict(endingResponse)],
  portal: [strict(portalResponse)],
  features: [strict(sdkCheckResponse), strict(sdkEntitlementsResponse)],
  "stripe-webhook": [z.strictObject({ received: z.literal(true) })],
  "checkout-reconcile": [strict(reconcileResponse)],
  health: [strict(healthResponse), strict(deepHealthResponse)],
  sdk: [
    strict(z.extend(createResponse, { checkoutSession: strict(createResponse) })),
    strict(confirmResponse),
  ],
  checkout: [
    strict(createResponse),
    strict(confirmResponse),
    strict(snapshot),
    strict(ownedSnapshot),
    openapiResponse,
  ],
};

const strictError = z.strictObject({
  error: z.strictObject(errorResponse.shape.error.shape),
});
const statusOf: ReadonlyMap<string, number> = new Map(
  Object.entries(errorTable).map(([code, { status }]) => [code, status]),
);

/** Words that only the inside says: stack traces, files, the runtime, the database, the libraries. */
const inside = [
  /\n\s+at |\bat \S+:\d+:\d+/,
  /\b(?:Type|Range|Syntax|Reference|Zod|Postgrest|Stripe|JOSE|JWS|JWT)\w*Error\b/,
  /file:\/\/|node_modules|\.ts\b|\bdeno\b|\bnode:/i,
  /SQLSTATE|PGRST|postgres|PostgREST|relation "|violates|duplicate key|\bplpgsql\b/i,
  /Unexpected (?:token|end)|is not a function|Cannot read/,
];

/** The error's code, or undefined where the answer is no refusal. */
export function codeOf({ status, text }: WireAnswer): string | undefined {
  if (status < 400 || text === "") return undefined;
  const parsed = strictError.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data.error.code : undefined;
}

/** What is wrong with an answer; nothing, it is to be hoped. */
export function faults(slug: string, request: WireRequest, answer: WireAnswer): string[] {
  const { status, headers, text } = answer;
  const found: string[] = [];
  const requestId = headers["x-request-id"];
  if (typeof requestId !== "string" || !/^req_[0-9a-f-]{36}$/.test(requestId)) {
    found.push("has no request id of ours");
  }
  if (headers["cache-control"] !== "no-store") found.push("may be cached");
  if (headers["x-content-type-options"] !== "nosniff") found.push("may be sniffed");
  if (status >= 500) found.push("is a 5xx");
  if (request.method === "HEAD" || (request.method === "OPTIONS" && status === 204)) {
    return text === "" ? found : [...found, "has a body"];
  }

  const body = jsonOf(text);
  if (body === undefined) return [...found, "is no JSON"];
  if (status < 300) {
    const fits = (successes[slug] ?? []).some((schema) => z.safeParse(schema, body).success);
    return fits ? found : [...found, "is no success of the contract"];
  }
  const refusal = strictError.safeParse(body);
  if (!refusal.success) return [...found, "is not in the error form"];
  const { error } = refusal.data;
  if (error.requestId !== requestId) found.push("names another request");
  if (statusOf.get(error.code) !== status) found.push("has a code of another status");
  const told = [error.message, ...messages(error.details)].join("\n");
  for (const pattern of inside) if (pattern.test(told)) found.push(`tells ${String(pattern)}`);
  return found;
}

/** The texts in an error's details, but for the paths: those repeat the caller's own keys. */
function messages(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => key === "path" ? [] : messages(part));
}
