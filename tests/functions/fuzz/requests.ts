import * as fc from "fast-check";
import * as z from "zod";
import { confirmRequest, confirmWithSecretRequest } from "../../../shared/contract/confirm.ts";
import { createRequest } from "../../../shared/contract/create.ts";
import { portalRequest } from "../../../shared/contract/portal.ts";
import { endingRequest } from "../../../shared/contract/subscription.ts";
import { createSessionTokenRequest } from "../../../shared/contract/session-token.ts";
import { handledEventTypes } from "../../../shared/domain/event-command.ts";
import { bodies, type Known } from "./contract.ts";
import { oddSegment } from "./hostile.ts";
import { authorization, mutations, request, signed } from "./shapes.ts";
import type { WireRequest } from "./wire.ts";

/** Things that are real, so that what is generated gets past the first door. */
export interface Real {
  readonly priceIds: readonly string[];
  readonly clientSecrets: readonly string[];
  readonly sessionIds: readonly string[];
  /** Of sessions that the first session token owns, to be canceled without harm. */
  readonly ownSessionIds: readonly string[];
  readonly featureKeys: readonly string[];
  readonly intentIds: readonly string[];
  /** Ids of tokens that may be revoked without harm. */
  readonly tokenIds: readonly string[];
  readonly sessionTokens: readonly string[];
  readonly organizationKeys: readonly string[];
  readonly platformKeys: readonly string[];
  readonly webhookSecret: string;
}

/** The ids that signed events carry begin with this, so that they can be found and taken away. */
export const EVENT_PREFIX = "evt_fuzz";

const anything = z.record(z.string(), z.unknown());
const event = z.object({
  id: z.string(),
  object: z.literal("event"),
  type: z.enum([...handledEventTypes, "charge.succeeded", "invoice.created"]),
  livemode: z.boolean(),
  created: z.int(),
  data: z.object({
    object: z.object({
      object_id: z.string(),
      parent: z.object({ subscription_details: z.object({ subscription: z.string() }) }),
    }),
  }),
});

/** For each function, requests that are nearly right. */
export function requestsFor(real: Real): ReadonlyMap<string, fc.Arbitrary<WireRequest>> {
  const { sessionTokens, organizationKeys, platformKeys } = real;
  const clientSecrets = [...real.clientSecrets, ...real.clientSecrets.flatMap(mutations)];
  const known: Known = {
    priceId: [...real.priceIds, crypto.randomUUID()],
    clientSecret: clientSecrets,
    paymentMethodId: ["pm_card_visa", "pm_card_chargeDeclined", "pm_x", "pm_card_threeDSecure"],
    id: Array.from({ length: 60 }, () => EVENT_PREFIX + crypto.randomUUID().replaceAll("-", "")),
    object_id: [...real.intentIds, "pi_x", "sub_x", "in_x"],
    subscription: ["sub_x"],
  };
  const all = [...sessionTokens, ...organizationKeys, ...platformKeys];
  const at = (
    method: string,
    path: fc.Arbitrary<string> | string,
    body: fc.Arbitrary<unknown>,
    fitting: readonly string[] = [],
  ) =>
    request({
      method,
      path: typeof path === "string" ? fc.constant(path) : path,
      body,
      authorization: authorization(fitting, all),
    });
  const secrets = fc.constantFrom(...clientSecrets);
  const sessions = fc.constantFrom(...real.sessionIds, crypto.randomUUID());
  const toCancel = fc.constantFrom(...real.ownSessionIds, real.sessionIds[0] ?? "", "x");
  const wanted = fc.oneof(fc.constantFrom(...real.featureKeys, "no-such"), oddSegment)
    .map((key) => `/features/check?feature_key=${key}`);
  const plans = fc.oneof(
    fc.constantFrom("", "?planIds=", "?planIds=,a"),
    oddSegment.map((id) => `?planIds=${id}`),
  )
    .map((query) => `/products${query}`);
  const tokens = fc.constantFrom(...real.tokenIds, crypto.randomUUID());
  const order = bodies(createRequest, known, 60);
  const card = bodies(confirmRequest, known);
  const token = bodies(createSessionTokenRequest, known, 20);
  const some = bodies(anything, known);
  const told = bodies(event, known, 30).map(named);

  return new Map([
    [
      "session-tokens",
      fc.oneof(
        at("POST", "/session-tokens", token, organizationKeys),
        at("DELETE", tokens.map((id) => `/session-tokens/${id}`), some, organizationKeys),
      ),
    ],
    ["checkout-create", at("POST", "/checkout-create", order, sessionTokens)],
    [
      "checkout-confirm",
      fc.oneof(
        at("POST", "/checkout-confirm", bodies(confirmWithSecretRequest, known, 16)),
        at("POST", secrets.map((secret) => `/checkout-confirm/${secret}`), card),
      ),
    ],
    ["checkout-status", at("GET", sessions.map((id) => `/checkout-status/${id}`), some)],
    [
      "checkout-cancel",
      at("POST", toCancel.map((id) => `/checkout-cancel/${id}`), some, sessionTokens),
    ],
    ["entitlements", at("GET", "/entitlements", some, sessionTokens)],
    ["products", at("GET", plans, some, sessionTokens)],
    [
      "subscription",
      fc.oneof(
        at(
          "GET",
          fc.constantFrom("", "?preview=next_invoice", "?preview=x")
            .map((query) => `/subscription${query}`),
          some,
          sessionTokens,
        ),
        at(
          "POST",
          fc.constantFrom("cancel", "resume").map((what) => `/subscription/${what}`),
          bodies(endingRequest, known),
          sessionTokens,
        ),
      ),
    ],
    ["portal", at("POST", "/portal", bodies(portalRequest, known), sessionTokens)],
    [
      "features",
      fc.oneof(
        at("GET", wanted, some, sessionTokens),
        at("GET", "/features/entitlements", some, sessionTokens),
      ),
    ],
    [
      "stripe-webhook",
      fc.oneof(
        { arbitrary: at("POST", "/stripe-webhook", told), weight: 1 },
        { arbitrary: signed(real.webhookSecret, "/stripe-webhook", told), weight: 3 },
      ),
    ],
    ["checkout-reconcile", at("POST", "/checkout-reconcile", some)],
    ["health", at("GET", fc.constantFrom("/health", "/health?deep=1", "/health?deep=2"), some)],
    [
      "sdk",
      fc.oneof(
        at("POST", "/sdk/checkout/create", order, sessionTokens),
        at("POST", secrets.map((secret) => `/sdk/checkout/${secret}/confirm`), card),
      ),
    ],
    [
      "checkout",
      fc.oneof(
        at("POST", "/checkout/create", order, sessionTokens),
        at("POST", secrets.map((secret) => `/checkout/${secret}/confirm`), card),
        at("GET", sessions.map((id) => `/checkout/${id}/status`), some, sessionTokens),
        at("POST", toCancel.map((id) => `/checkout/${id}/cancel`), some, sessionTokens),
      ),
    ],
  ]);
}

/** The object of an event with its id under the name that Stripe has for it. */
function named(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll('"object_id":', '"id":'));
}
