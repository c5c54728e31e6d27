import * as z from "zod/mini";
import { type Snapshot, snapshot } from "../contract/snapshot.ts";
import { present } from "../runtime/present.ts";
import type { Call } from "./client.ts";
import type { Cause } from "./checkout-payment.ts";
import type { InvoiceFacts, SeenRefund, SubscriptionFacts } from "../domain/facts.ts";
import {
  type ChangePlan,
  changePlan,
  type CustomerNews,
  customerNews,
  type FulfillmentPlan,
  type RefusalReason,
} from "../domain/plans.ts";

const ended = [
  z.object({ outcome: z.literal("succeeded"), snapshot }),
  z.object({ outcome: z.literal("refund") }),
] as const;
const completed = z.discriminatedUnion("outcome", [
  ...ended,
  z.object({ outcome: z.literal("news"), news: z.int() }),
  z.object({ outcome: z.literal("surplus") }),
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
const released = z.object({ outcome: z.literal("released"), snapshot });

/** The calls by which a paid session is honored, or its payment given back. */
export interface CheckoutFulfillment {
  /** @param replaces an id on another account, or is kept only where there is none */
  recordStripeCustomer(
    plan: FulfillmentPlan,
    stripeCustomerId: string,
    replaces?: boolean,
  ): Promise<string>;
  /** Answers what Stripe has not been told yet. */
  recordCustomerTold(plan: FulfillmentPlan, told: CustomerNews): Promise<CustomerNews | null>;
  /** Stripe has no such customer any more. */
  forgetStripeCustomer(stripeCustomerId: string): Promise<unknown>;
  /** Decides that the payment goes back; false where it has been honored meanwhile. */
  refuseFulfillment(sessionId: string, reason: RefusalReason): Promise<boolean>;
  /**
   * Completes the session with its subscription; `seenNews` says as of which news of it that was read. `surplus` where the session
   * ended in another one.
   */
  complete(
    sessionId: string,
    subscription: SubscriptionFacts & {
      readonly seenNews: number;
      readonly invoice: InvoiceFacts | null;
    },
  ): Promise<z.output<typeof completed>>;
  /** The same for a subscription that was there before; the plan says as of when it is read. */
  completeChange(
    plan: ChangePlan,
    subscription: SubscriptionFacts,
  ): Promise<z.output<typeof completedChange>>;
  /** Stripe has told of the session's subscription, for which there is no row yet; false where there is one by now. */
  noteNews(sessionId: string): Promise<boolean>;
  /** A confirmed change with nothing due that is not carried out yet; null where there is none. */
  resumeChange(sessionId: string): Promise<ChangePlan | null>;
  /** Ends a confirmed change with nothing due that cannot be carried out. */
  refuseChange(sessionId: string): Promise<Snapshot>;
  recordRefund(sessionId: string, refund: SeenRefund): Promise<z.output<typeof refunded>>;
  /** Of a card that was set up nothing is to be given back: the session just ends. */
  recordRelease(sessionId: string): Promise<z.output<typeof released>>;
}

export function checkoutFulfillment(call: Call, { eventId }: Cause): CheckoutFulfillment {
  const mark = present({ p_event_id: eventId });
  return {
    recordStripeCustomer: (plan, stripeCustomerId, replaces = true) =>
      call("record_stripe_customer", {
        p_customer_id: plan.customer.id,
        p_stripe_customer_id: stripeCustomerId,
        ...(replaces ? {} : { p_replaces: false }),
        ...present({ p_stripe_account_id: plan.stripeAccountId }),
      }, z.string()),

    recordCustomerTold: ({ customer }, told) =>
      call("record_customer_told", {
        p_customer_id: customer.id,
        p_told: { ...told },
      }, z.nullable(customerNews)),

    forgetStripeCustomer: (stripeCustomerId) =>
      call("forget_stripe_customer", { p_stripe_customer_id: stripeCustomerId }, z.unknown()),

    refuseFulfillment: (sessionId, reason) =>
      call("refuse_fulfillment", { p_session_id: sessionId, p_reason: reason }, z.boolean()),

    complete: (sessionId, subscription) =>
      call("complete_checkout", {
        p_session_id: sessionId,
        p_subscription: {
          ...subscription,
          invoice: subscription.invoice === null ? null : { ...subscription.invoice },
        },
        ...mark,
      }, completed),

    completeChange: ({ sessionId, revision }, subscription) =>
      call("complete_checkout", {
        p_session_id: sessionId,
        p_subscription: { ...subscription, seenRevision: revision },
        ...mark,
      }, completedChange),

    noteNews: (sessionId) =>
      call("note_subscription_news", { p_session_id: sessionId, ...mark }, z.boolean()),

    resumeChange: (sessionId) =>
      call("resume_change", { p_session_id: sessionId }, z.nullable(changePlan)),

    refuseChange: (sessionId) => call("fail_change", { p_session_id: sessionId }, snapshot),

    recordRefund: (sessionId, refund) =>
      call("record_refund", {
        p_session_id: sessionId,
        p_failures: refund.failures,
        ...present({ p_stripe_refund_id: refund.id, p_status: refund.status }),
        ...mark,
      }, refunded),

    recordRelease: (sessionId) =>
      call("record_release", { p_session_id: sessionId, ...mark }, released),
  };
}
