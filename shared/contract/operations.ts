import type * as z from "zod/mini";
import {
  confirmFreeRequest,
  confirmRequest,
  confirmResponse,
  confirmWithSecretRequest,
} from "./confirm.ts";
import { createRequest, createResponse, sdkCreateResponse } from "./create.ts";
import {
  checkRequest,
  entitlementsResponse,
  sdkCheckResponse,
  sdkEntitlementsResponse,
} from "./entitlements.ts";
import type { ErrorCode } from "./error-table.ts";
import { deepHealthResponse, healthRequest, healthResponse } from "./health.ts";
import { operationErrors as errors } from "./operation-errors.ts";
import { openapiResponse } from "./openapi.ts";
import { portalRequest, portalResponse } from "./portal.ts";
import { productsRequest, productsResponse } from "./products.ts";
import { reconcileResponse } from "./reconcile.ts";
import {
  createSessionTokenRequest,
  createSessionTokenResponse,
  revokeSessionTokenResponse,
} from "./session-token.ts";
import { ownedSnapshot, snapshot } from "./snapshot.ts";
import {
  endingRequest,
  endingResponse,
  subscriptionsRequest,
  subscriptionsResponse,
} from "./subscription.ts";
import { webhookResponse } from "./webhook.ts";

/** What a caller shows. `customerIfAny` is answered with more to the session's owner, and to anybody. */
export type Proof =
  | "organization"
  | "customer"
  | "customerIfAny"
  | "client_secret"
  | "client_secret_or_customer"
  | "project"
  | "projectIfDeep"
  | "stripe"
  | "none";

/** One call of the API. */
export interface Operation {
  /** The function that answers. */
  readonly slug: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** Below `/functions/v1`; a segment with a colon is a parameter. */
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly proof: Proof;
  readonly idempotent?: true;
  readonly query?: z.core.$ZodObject;
  /** Any one of them. */
  readonly body?: readonly z.core.$ZodType[];
  readonly status: 200 | 201;
  /** Any one of them. */
  readonly answers: readonly z.core.$ZodType[];
  /** Answered in the same form with another status. */
  readonly degraded?: { readonly status: 503; readonly answer: z.core.$ZodType };
  readonly errors: readonly ErrorCode[];
}

type Call = readonly [slug: string, method: Operation["method"], path: string];

const at = (
  [slug, method, path]: Call,
  id: string,
  summary: string,
  rest: Omit<Operation, "slug" | "method" | "path" | "id" | "summary" | "status" | "answers"> & {
    readonly answers: z.core.$ZodType | readonly z.core.$ZodType[];
    readonly status?: 201;
  },
): Operation => ({
  ...rest,
  slug,
  method,
  path,
  id,
  summary,
  status: rest.status ?? 200,
  answers: [rest.answers].flat(),
});

const create = {
  proof: "customer",
  idempotent: true,
  body: [createRequest],
  status: 201,
  errors: errors.create,
} as const;
const confirmByPath = {
  proof: "client_secret",
  body: [confirmRequest],
  answers: confirmResponse,
  errors: errors.confirmByPath,
} as const;
const status = {
  proof: "customerIfAny",
  answers: [snapshot, ownedSnapshot],
  errors: errors.status,
} as const;
const cancel = { proof: "customer", answers: snapshot, errors: errors.cancel } as const;
const ending = {
  proof: "customer",
  body: [endingRequest],
  answers: endingResponse,
  errors: errors.ending,
} as const;

/** Every call that the functions answer, once. docs/openapi.json is made from it. */
export const operations: readonly Operation[] = [
  at(["session-tokens", "POST", "/session-tokens"], "createSessionToken", "Make a session token", {
    proof: "organization",
    body: [createSessionTokenRequest],
    status: 201,
    answers: createSessionTokenResponse,
    errors: errors.createToken,
  }),
  at(
    ["session-tokens", "DELETE", "/session-tokens/:tokenId"],
    "revokeSessionToken",
    "Revoke a session token",
    { proof: "organization", answers: revokeSessionTokenResponse, errors: errors.revokeToken },
  ),
  at(["checkout-create", "POST", "/checkout-create"], "createCheckout", "Open a checkout", {
    ...create,
    answers: createResponse,
  }),
  at(
    ["checkout-confirm", "POST", "/checkout-confirm"],
    "confirmCheckout",
    "Confirm with a payment method, or what costs nothing now",
    {
      proof: "client_secret_or_customer",
      body: [confirmWithSecretRequest, confirmFreeRequest],
      answers: confirmResponse,
      errors: [...new Set([...errors.confirmByPath, ...errors.confirmFree])],
    },
  ),
  at(
    ["checkout-confirm", "POST", "/checkout-confirm/:clientSecret"],
    "confirmCheckoutByPath",
    "Confirm, with the client secret in the path",
    confirmByPath,
  ),
  at(
    ["checkout-status", "GET", "/checkout-status/:sessionId"],
    "readCheckout",
    "Read how a checkout stands",
    status,
  ),
  at(
    ["checkout-cancel", "POST", "/checkout-cancel/:sessionId"],
    "cancelCheckout",
    "Give a checkout up",
    cancel,
  ),
  at(["products", "GET", "/products"], "listProducts", "List what the customer can buy and has", {
    proof: "customer",
    query: productsRequest,
    answers: productsResponse,
    errors: errors.readBy,
  }),
  at(
    ["entitlements", "GET", "/entitlements"],
    "listEntitlements",
    "List what the customer may use now",
    { proof: "customer", answers: entitlementsResponse, errors: errors.read },
  ),
  at(
    ["subscription", "GET", "/subscription"],
    "listSubscriptions",
    "List the customer's live subscriptions",
    {
      proof: "customer",
      query: subscriptionsRequest,
      answers: subscriptionsResponse,
      errors: errors.subscriptions,
    },
  ),
  at(
    ["subscription", "POST", "/subscription/cancel"],
    "cancelSubscription",
    "Let a subscription end with its period",
    ending,
  ),
  at(
    ["subscription", "POST", "/subscription/resume"],
    "resumeSubscription",
    "Let a subscription go on after all",
    ending,
  ),
  at(["portal", "POST", "/portal"], "openPortal", "Open Stripe's own page for the customer", {
    proof: "customer",
    body: [portalRequest],
    answers: portalResponse,
    errors: errors.portal,
  }),
  at(
    ["features", "GET", "/features/check"],
    "checkFeature",
    "Ask whether the customer may use one feature",
    { proof: "customer", query: checkRequest, answers: sdkCheckResponse, errors: errors.readBy },
  ),
  at(
    ["features", "GET", "/features/entitlements"],
    "listEntitlementsForSdk",
    "List what the customer may use, under the SDK's names too",
    { proof: "customer", answers: sdkEntitlementsResponse, errors: errors.read },
  ),
  at(["stripe-webhook", "POST", "/stripe-webhook"], "receiveEvent", "Take an event of Stripe's", {
    proof: "stripe",
    answers: webhookResponse,
    errors: errors.webhook,
  }),
  at(
    ["checkout-reconcile", "POST", "/checkout-reconcile"],
    "reconcile",
    "Repair what callers and webhooks left undone",
    { proof: "project", answers: reconcileResponse, errors: errors.reconcile },
  ),
  at(["health", "GET", "/health"], "readHealth", "Ask whether the functions run", {
    proof: "projectIfDeep",
    query: healthRequest,
    answers: [healthResponse, deepHealthResponse],
    degraded: { status: 503, answer: deepHealthResponse },
    errors: errors.health,
  }),
  at(["checkout", "POST", "/checkout/create"], "sdkCreateCheckout", "As `createCheckout`", {
    ...create,
    answers: createResponse,
  }),
  at(
    ["checkout", "POST", "/checkout/:clientSecret/confirm"],
    "sdkConfirmCheckout",
    "As `confirmCheckoutByPath`",
    confirmByPath,
  ),
  at(
    ["checkout", "POST", "/checkout/:sessionId/confirm-free"],
    "sdkConfirmFreeCheckout",
    "Carry out a checkout with nothing due",
    { proof: "customer", answers: confirmResponse, errors: errors.confirmFree },
  ),
  at(
    ["checkout", "GET", "/checkout/:sessionId/status"],
    "sdkReadCheckout",
    "As `readCheckout`",
    status,
  ),
  at(
    ["checkout", "POST", "/checkout/:sessionId/cancel"],
    "sdkCancelCheckout",
    "As `cancelCheckout`",
    cancel,
  ),
  at(["checkout", "GET", "/checkout/openapi.json"], "readOpenapi", "Read this document", {
    proof: "none",
    answers: openapiResponse,
    errors: errors.document,
  }),
  at(
    ["sdk", "POST", "/sdk/checkout/create"],
    "olderSdkCreateCheckout",
    "As `createCheckout`, the answer also under `checkoutSession`",
    { ...create, answers: sdkCreateResponse },
  ),
  at(
    ["sdk", "POST", "/sdk/checkout/:clientSecret/confirm"],
    "olderSdkConfirmCheckout",
    "As `confirmCheckoutByPath`",
    confirmByPath,
  ),
];
