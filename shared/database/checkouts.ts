import * as z from "zod";
import { snapshot } from "../contract/snapshot.ts";
import type { Address } from "../contract/create.ts";
import type { InvoiceAmounts } from "../domain/invoice-amounts.ts";
import type { TaxId } from "../domain/tax-id.ts";
import type { Call } from "./client.ts";
import {
  type ChangePlan,
  changePlan,
  type ChangePreview,
  createdSession,
  type CustomerNews,
  customerNews,
  type FulfilmentPlan,
  fulfilmentPlan,
  type IntentFacts,
  type InvoiceFacts,
  type LocatedCheckout,
  locatedCheckout,
  ownedSession,
  type RefusalReason,
  type SeenRefund,
  type SubscriptionFacts,
} from "./rows.ts";

const rateLimited = z.object({ outcome: z.literal("rate_limited"), retryAfter: z.number().int() });

const begun = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.enum(["created", "existing"]), session: createdSession }),
  z.object({
    outcome: z.enum([
      "unauthorized",
      "forbidden",
      "merchant_account_unavailable",
      "price_not_found",
      "price_unavailable",
      "address_required",
      "tax_id_invalid",
      "idempotency_mismatch",
      "already_subscribed",
      "subscription_not_found",
      "subscription_ended",
      "subscription_changed",
      "payment_overdue",
      "already_on_price",
      "currency_mismatch",
      "change_to_free",
      "change_in_progress",
    ]),
  }),
  z.object({
    outcome: z.enum([
      "quantity_not_allowed",
      "amount_too_small",
      "amount_too_large",
      "coupon_not_found",
      "coupon_expired",
      "coupon_not_applicable",
      "coupon_first_time_only",
      "coupon_exhausted",
    ]),
    /** What the caller is told of the reason. */
    details: z.record(z.string(), z.unknown()).optional(),
  }),
  rateLimited,
]);
export type Begun = z.infer<typeof begun>;

const attached = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.enum(["attached", "superseded"]),
    stripePaymentIntentId: z.string(),
  }),
  z.object({ outcome: z.literal("closed") }),
  z.object({ outcome: z.literal("outdated") }),
]);
const attempt = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.enum(["confirm", "read"]),
    number: z.number().int(),
    revision: z.number().int(),
  }),
  z.object({
    outcome: z.enum([
      "closed",
      "already_subscribed",
      "payment_in_progress",
      "subscription_changed",
      "coupon_first_time_only",
    ]),
  }),
  rateLimited,
]);
const recorded = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.enum(["fulfill", "refund"]), plan: fulfilmentPlan }),
  z.object({ outcome: z.literal("recorded"), snapshot, exhausted: z.boolean() }),
  z.object({ outcome: z.enum(["stale", "superseded", "succeeded"]) }),
]);
const ended = [
  z.object({ outcome: z.literal("succeeded"), snapshot }),
  z.object({ outcome: z.literal("refund") }),
] as const;
const completed = z.discriminatedUnion("outcome", [
  ...ended,
  z.object({ outcome: z.literal("news"), news: z.number().int() }),
]);
const refunded = z.object({
  outcome: z.enum(["refunded", "pending", "failed", "given_up"]),
  moved: z.boolean(),
  snapshot,
});
const completedChange = z.discriminatedUnion("outcome", [
  ...ended,
  z.object({ outcome: z.literal("stale") }),
]);
const completedFree = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("succeeded"), snapshot }),
  z.object({ outcome: z.literal("apply"), plan: changePlan }),
  z.object({
    outcome: z.enum([
      "unauthorized",
      "forbidden",
      "not_found",
      "not_free",
      "closed",
      "expired",
      "already_subscribed",
      "subscription_changed",
    ]),
  }),
]);
const read = z.object({ snapshot, stuck: z.boolean(), owner: ownedSession.nullable() });

const canceled = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("ended"), snapshot }),
  z.object({ outcome: z.literal("in_hand"), located: locatedCheckout }),
  z.object({ outcome: z.enum(["unauthorized", "forbidden", "not_found"]) }),
]);

export interface BeginCheckout {
  readonly tokenId: string;
  readonly priceId: string;
  readonly requestHash: string;
  readonly livemode: boolean;
  readonly lifetimeSeconds: number;
  readonly idempotencyKey?: string | undefined;
  readonly customerEmail?: string | undefined;
  readonly customerName?: string | undefined;
  readonly metadata: Record<string, string>;
  readonly successUrl?: string | undefined;
  readonly cancelUrl?: string | undefined;
  readonly addressDigest?: string | undefined;
  readonly existingSubscriptionId?: string | undefined;
  readonly customerAddress?: Address | undefined;
  /** Of a kind that is not known where `type` is left out. */
  readonly customerTaxId?: TaxId | Pick<TaxId, "value"> | undefined;
  readonly quantity: number;
  readonly couponCode?: string | undefined;
}

/** One name by which a session is found. */
export type CheckoutName =
  | { readonly sessionId: string }
  | { readonly stripePaymentIntentId: string };

/** A SQL argument that is left out takes the function's default. */
const given = <Value>(name: string, value: Value | undefined) =>
  value === undefined ? {} : { [name]: value };

/** The typed calls about checkout sessions; what each outcome means stands beside the SQL function. */
export function checkouts(call: Call) {
  return {
    begin: (input: BeginCheckout) =>
      call("begin_checkout", {
        p_token_id: input.tokenId,
        p_price_id: input.priceId,
        p_request_hash: input.requestHash,
        p_livemode: input.livemode,
        p_lifetime_seconds: input.lifetimeSeconds,
        p_metadata: input.metadata,
        p_quantity: input.quantity,
        ...given("p_idempotency_key", input.idempotencyKey),
        ...given("p_customer_email", input.customerEmail),
        ...given("p_customer_name", input.customerName),
        ...given("p_success_url", input.successUrl),
        ...given("p_cancel_url", input.cancelUrl),
        ...given("p_address_digest", input.addressDigest),
        ...given("p_existing_subscription_id", input.existingSubscriptionId),
        ...given("p_customer_address", input.customerAddress && { ...input.customerAddress }),
        ...given("p_customer_tax_id", input.customerTaxId && { ...input.customerTaxId }),
        ...given("p_coupon_code", input.couponCode),
      }, begun),

    /** Freezes what Stripe's preview came to; the first one stands. */
    recordPreview: (sessionId: string, preview: InvoiceAmounts | ChangePreview) =>
      call("record_preview", {
        p_session_id: sessionId,
        p_preview: { ...preview },
      }, createdSession),

    resumeChange: (sessionId: string) =>
      call("resume_change", { p_session_id: sessionId }, changePlan.nullable()),

    refuseChange: (sessionId: string) => call("fail_change", { p_session_id: sessionId }, snapshot),

    attachIntent: (
      sessionId: string,
      intent: { readonly id: string; readonly status: string; readonly amount: number },
      clientSecretDigest: string,
    ) =>
      call("attach_payment_intent", {
        p_session_id: sessionId,
        p_stripe_payment_intent_id: intent.id,
        p_client_secret_digest: clientSecretDigest,
        p_status: intent.status,
        p_amount: intent.amount,
      }, attached),

    locate: (name: CheckoutName): Promise<LocatedCheckout | null> =>
      call(
        "locate_checkout",
        "sessionId" in name
          ? { p_session_id: name.sessionId }
          : { p_stripe_payment_intent_id: name.stripePaymentIntentId },
        locatedCheckout.nullable(),
      ),

    beginAttempt: (
      sessionId: string,
      card: { readonly paymentMethodId: string; readonly addressDigest?: string | undefined },
      intentStatus: string,
    ) =>
      call("begin_attempt", {
        p_session_id: sessionId,
        p_stripe_payment_method_id: card.paymentMethodId,
        p_intent_status: intentStatus,
        ...given("p_address_digest", card.addressDigest),
      }, attempt),

    recordIntent: (
      located: LocatedCheckout,
      intent: IntentFacts,
      context: {
        readonly attemptNumber?: number | undefined;
        readonly eventId?: string | undefined;
      },
    ) =>
      call("record_intent", {
        p_session_id: located.sessionId,
        p_seen_revision: located.revision,
        p_intent: { ...intent },
        ...given("p_attempt_number", context.attemptNumber),
        ...given("p_event_id", context.eventId),
      }, recorded),

    /** @param replaces an id on another account, or is kept only where there is none */
    recordStripeCustomer: (plan: FulfilmentPlan, stripeCustomerId: string, replaces = true) =>
      call("record_stripe_customer", {
        p_customer_id: plan.customer.id,
        p_stripe_customer_id: stripeCustomerId,
        ...(replaces ? {} : { p_replaces: false }),
        ...given("p_stripe_account_id", plan.stripeAccountId ?? undefined),
      }, z.string()),

    /** Answers what Stripe has not been told yet. */
    recordCustomerTold: ({ customer }: FulfilmentPlan, told: CustomerNews) =>
      call("record_customer_told", {
        p_customer_id: customer.id,
        p_told: { ...told },
      }, customerNews.nullable()),

    forgetStripeCustomer: (stripeCustomerId: string) =>
      call("forget_stripe_customer", { p_stripe_customer_id: stripeCustomerId }, z.unknown()),

    refuseFulfilment: (sessionId: string, reason: RefusalReason) =>
      call("refuse_fulfillment", { p_session_id: sessionId, p_reason: reason }, z.boolean()),

    /** `seenNews` says as of which news of the subscription it was read. */
    complete: (
      sessionId: string,
      subscription: SubscriptionFacts & {
        readonly seenNews: number;
        readonly invoice: InvoiceFacts | null;
      },
      eventId: string | undefined,
    ) =>
      call("complete_checkout", {
        p_session_id: sessionId,
        p_subscription: {
          ...subscription,
          invoice: subscription.invoice === null ? null : { ...subscription.invoice },
        },
        ...given("p_event_id", eventId),
      }, completed),

    /** Stripe has told of the session's subscription, for which there is no row yet; false where there is one by now. */
    noteNews: (sessionId: string, eventId: string | undefined) =>
      call("note_subscription_news", {
        p_session_id: sessionId,
        ...given("p_event_id", eventId),
      }, z.boolean()),

    /** The same for a subscription that was there before; the plan says as of when it is read. */
    completeChange: (
      { sessionId, revision }: ChangePlan,
      subscription: SubscriptionFacts,
      eventId: string | undefined,
    ) =>
      call("complete_checkout", {
        p_session_id: sessionId,
        p_subscription: { ...subscription, seenRevision: revision },
        ...given("p_event_id", eventId),
      }, completedChange),

    recordRefund: (sessionId: string, refund: SeenRefund, eventId: string | undefined) =>
      call("record_refund", {
        p_session_id: sessionId,
        p_failures: refund.failures,
        ...given("p_stripe_refund_id", refund.id),
        ...given("p_status", refund.status),
        ...given("p_event_id", eventId),
      }, refunded),

    recordRelease: (sessionId: string, eventId: string | undefined) =>
      call("record_release", {
        p_session_id: sessionId,
        ...given("p_event_id", eventId),
      }, z.object({ outcome: z.literal("released"), snapshot })),

    completeFree: (sessionId: string, tokenId: string, livemode: boolean) =>
      call(
        "complete_free_checkout",
        { p_session_id: sessionId, p_token_id: tokenId, p_livemode: livemode },
        completedFree,
      ),

    /** Whether the caller is the one to look at Stripe now. */
    claim: (sessionId: string) => call("claim_session", { p_session_id: sessionId }, z.boolean()),

    expireBare: (sessionId: string) =>
      call("expire_bare_session", { p_session_id: sessionId }, z.unknown()),

    expireUnreachable: (sessionId: string) =>
      call("expire_unreachable_session", { p_session_id: sessionId }, z.boolean()),

    cancel: (sessionId: string, tokenId: string, livemode: boolean) =>
      call("cancel_session", {
        p_session_id: sessionId,
        p_token_id: tokenId,
        p_livemode: livemode,
      }, canceled),

    read: (sessionId: string) =>
      call("read_checkout", { p_session_id: sessionId }, read.nullable()),

    /** The same for a caller, within a limit; to a token, which counts in its mode alone, also what only the owner may see. */
    readFor: (
      sessionId: string,
      token?: { readonly tokenId: string; readonly livemode: boolean },
    ) =>
      call(
        "read_checkout",
        {
          p_session_id: sessionId,
          p_limited: true,
          ...(token === undefined ? {} : { p_token_id: token.tokenId, p_livemode: token.livemode }),
        },
        z.union([read, rateLimited]).nullable(),
      ),
  };
}

export type Checkouts = ReturnType<typeof checkouts>;
