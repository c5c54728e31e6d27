import * as z from "zod/mini";
import { snapshot } from "../contract/snapshot.ts";
import { present } from "../runtime/present.ts";
import type { SessionCaller } from "../domain/caller.ts";
import { callerArguments } from "./caller.ts";
import type { Call } from "./client.ts";
import type { IntentFacts } from "../domain/facts.ts";
import { changePlan, fulfillmentPlan } from "../domain/plans.ts";
import { rateLimited } from "./rate-limited.ts";
import { type LocatedCheckout, locatedCheckout, traceId } from "../domain/sessions.ts";

const attempt = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.enum(["confirm", "read"]),
    number: z.int(),
    revision: z.int(),
  }),
  z.object({
    outcome: z.enum([
      "closed",
      "already_subscribed",
      "payment_in_progress",
      "subscription_changed",
      "coupon_first_time_only",
      "price_unavailable",
    ]),
  }),
  rateLimited,
]);
export type Attempt = z.output<typeof attempt>;
const begunConfirm = z.object({ located: locatedCheckout, attempt: z.nullable(attempt) });
const recordedIntent = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.enum(["fulfill", "refund"]), plan: fulfillmentPlan }),
  z.object({ outcome: z.literal("recorded"), snapshot, exhausted: z.boolean() }),
  z.object({
    outcome: z.literal("being_fulfilled"),
    version: z.int(),
    milliseconds: z.int(),
  }),
  z.object({ outcome: z.literal("succeeded"), snapshot }),
  z.object({ outcome: z.enum(["stale", "superseded"]) }),
]);
const completedFree = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("succeeded"), snapshot, traceId }),
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
      "payment_in_progress",
      "subscription_changed",
      "price_unavailable",
    ]),
  }),
]);
const canceled = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("ended"), snapshot, traceId }),
  z.object({ outcome: z.literal("in_hand"), located: locatedCheckout }),
  z.object({ outcome: z.enum(["unauthorized", "forbidden", "not_found"]) }),
]);

/** What a card's payment or an event is, for which something is written. */
export interface Cause {
  /** The event: it is marked processed in the transaction that has its effect. */
  readonly eventId?: string | undefined;
  /** Of the session's cards. */
  readonly attemptNumber?: number | undefined;
}

interface TriedCard {
  readonly paymentMethodId: string;
  readonly addressDigest?: string | undefined;
}

/** The calls by which a session is paid, carried out with nothing due, or given up. */
export interface CheckoutPayment {
  /**
   * The session whose client secret is shown, and the attempt with the card that is presented; null attempt where its intent is to be
   * read before. Null where no current intent has this secret.
   */
  beginConfirm(
    stripePaymentIntentId: string,
    clientSecretDigest: string,
    card: TriedCard,
  ): Promise<z.output<typeof begunConfirm> | null>;
  /** Counts a card that the customer tries; says whether Stripe is to be asked with it. */
  beginAttempt(
    sessionId: string,
    card: TriedCard,
    intentStatus: string,
  ): Promise<Attempt>;
  /**
   * Moves the session to where Stripe says that its intent is.
   *
   * @param givesWay whether another run that fulfills the session just now is waited for: `being_fulfilled`, until the version is
   *   another or for so many milliseconds
   */
  recordIntent(
    located: LocatedCheckout,
    intent: IntentFacts,
    givesWay: boolean,
  ): Promise<z.output<typeof recordedIntent>>;
  /** Carries out a session with nothing due, for its owner. */
  completeFree(
    sessionId: string,
    caller: SessionCaller,
  ): Promise<z.output<typeof completedFree>>;
  /** Ends a session for its owner; `in_hand` where Stripe is to be asked first. */
  cancel(
    sessionId: string,
    caller: SessionCaller,
  ): Promise<z.output<typeof canceled>>;
}

export const checkoutPayment = (
  call: Call,
  { eventId, attemptNumber }: Cause,
): CheckoutPayment => ({
  beginConfirm: (stripePaymentIntentId, clientSecretDigest, card) =>
    call("begin_confirm", {
      p_stripe_payment_intent_id: stripePaymentIntentId,
      p_client_secret_digest: clientSecretDigest,
      p_stripe_payment_method_id: card.paymentMethodId,
      ...present({ p_address_digest: card.addressDigest }),
    }, z.nullable(begunConfirm)),

  beginAttempt: (sessionId, card, intentStatus) =>
    call("begin_attempt", {
      p_session_id: sessionId,
      p_stripe_payment_method_id: card.paymentMethodId,
      p_intent_status: intentStatus,
      ...present({ p_address_digest: card.addressDigest }),
    }, attempt),

  recordIntent: (located, intent, givesWay) =>
    call("record_intent", {
      p_session_id: located.sessionId,
      p_seen_revision: located.revision,
      p_intent: { ...intent },
      p_gives_way: givesWay,
      ...present({ p_attempt_number: attemptNumber, p_event_id: eventId }),
    }, recordedIntent),

  completeFree: (sessionId, caller) =>
    call(
      "complete_free_checkout",
      { p_session_id: sessionId, ...callerArguments(caller) },
      completedFree,
    ),

  cancel: (sessionId, caller) =>
    call("cancel_session", { p_session_id: sessionId, ...callerArguments(caller) }, canceled),
});
