import { STATUS_CODE } from "deno-std/http/status.js";
import { callerOf, type CallerProofs } from "../../../shared/tokens/caller.ts";
import {
  type CreateRequest,
  createRequest,
  type CreateResponse,
  idempotencyKeyHeader,
} from "../../../shared/contract/create.ts";
import type { Checkouts } from "../../../shared/database/checkouts.ts";
import { refusedOrLimited } from "../../../shared/database/refused.ts";
import type { CreatedSession } from "../../../shared/domain/sessions.ts";
import type { Digest } from "../../../shared/runtime/digest.ts";
import { prorationOf } from "../../../shared/domain/proration.ts";
import { SESSION_LIFETIME } from "../../../shared/domain/session-status.ts";
import { taxIdOf } from "../../../shared/domain/tax-id.ts";
import { present } from "../../../shared/runtime/present.ts";
import { readJson, validate } from "../../../shared/http/body.ts";
import { addressDigest, clientOf } from "../../../shared/http/client-address.ts";
import type { Call } from "../../../shared/http/routes.ts";
import { aboutSession } from "../../../shared/checkout/about-session.ts";
import { sessionIntent } from "../../../shared/checkout/create-intent.ts";
import { pricedSession } from "../../../shared/checkout/price.ts";
import type { StripeGateway } from "../../../shared/stripe/gateway.ts";

export interface CreateDependencies {
  readonly checkouts: Checkouts;
  readonly stripe: StripeGateway;
  readonly proofs: CallerProofs;
  readonly digest: Digest;
  readonly addressHeader: string | undefined;
  readonly livemode: boolean;
  readonly publishableKey: string;
}

/** `POST /checkout-create`: opens a session, or gives back the one that was asked for before. */
export function createCheckout(dependencies: CreateDependencies) {
  const { checkouts, proofs, digest, livemode, addressHeader, publishableKey } = dependencies;
  return async ({ request, trace, log }: Call): Promise<CreateResponse> => {
    const caller = await callerOf(request, proofs, { operation: "checkout", livemode });
    const header = request.headers.get("idempotency-key");
    const idempotencyKey = header === null ? undefined : validate(header, idempotencyKeyHeader);
    const input = await readJson(request, createRequest);

    const { address, taxId } = input.customer ?? {};
    const customerTaxId = taxId === undefined
      ? undefined
      : taxIdOf(taxId, address?.country) ?? { value: taxId };
    const begun = await checkouts.begin({
      caller,
      priceId: input.priceId,
      requestHash: await digest("create_request", JSON.stringify(sortedRequest(input))),
      lifetimeSeconds: SESSION_LIFETIME,
      idempotencyKey,
      customerEmail: input.customer?.email ?? input.customerEmail,
      customerName: input.customer?.name ?? input.customerName,
      metadata: input.metadata ?? {},
      successUrl: input.successUrl,
      cancelUrl: input.cancelUrl,
      customerAddress: address,
      customerTaxId,
      addressDigest: await addressDigest(clientOf(request, addressHeader), digest),
      existingSubscriptionId: input.existingSubscriptionId,
      quantity: input.quantity,
      couponCode: input.couponCode,
      traceId: trace?.traceId,
    });
    if (!("session" in begun)) {
      throw refusedOrLimited(begun, log, { tokenId: caller.tokenId });
    }
    const { id: sessionId, traceId } = begun.session;
    log.note({ ...aboutSession({ sessionId, traceId }), opened: begun.outcome === "created" });
    const session = await pricedSession({ ...dependencies, log }, begun.session);
    const intent = await sessionIntent(dependencies, session);
    return created(session, intent, publishableKey);
  };
}

/** `createCheckout` as an endpoint of its own. */
export function createEndpoint(dependencies: CreateDependencies) {
  const create = createCheckout(dependencies);
  return async (call: Call) => Response.json(await create(call), { status: STATUS_CODE.Created });
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => a < b ? -1 : 1;

/** One order of keys, so that the same request has the same hash. */
function sortedRequest(input: CreateRequest): unknown {
  const metadata = Object.entries(input.metadata ?? {}).toSorted(byKey);
  // One seat is what a first purchase has where it says nothing; a change has those of before.
  const quantity = input.quantity ?? (input.existingSubscriptionId === undefined ? 1 : undefined);
  return Object.entries({ ...input, metadata, quantity }).toSorted(byKey);
}

function created(
  {
    applicationFeeAmount: _fee,
    organizationId: _organization,
    stripeCustomerId: _customer,
    intentKind: _kind,
    change,
    stripePriceId: _price,
    discount: _discount,
    discountId: _discountId,
    tax: _tax,
    previewed: _previewed,
    metadata: _metadata,
    traceId: _trace,
    ...session
  }: CreatedSession,
  intent: { readonly id: string; readonly clientSecret: string } | null,
  stripePublishableKey: string,
): CreateResponse {
  const { priceKey, stripeAccountId, stripePaymentIntentId: _id, topic, ...shown } = session;
  return {
    ...shown,
    clientSecret: intent?.clientSecret ?? "",
    paymentIntentId: intent?.id ?? null,
    stripePublishableKey,
    ...present({ priceKey, proration: change && prorationOf(change), stripeAccountId }),
    realtime: { topic, event: "checkout.updated" },
  };
}
