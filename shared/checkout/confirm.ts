import { finished } from "./answer.ts";
import type { ConfirmResponse } from "../contract/confirm.ts";
import type { Attempt } from "../database/checkout-payment.ts";
import type { LocatedCheckout } from "../domain/sessions.ts";
import { refusedOrLimited } from "../database/refused.ts";
import { CheckoutError } from "../runtime/errors.ts";
import type { CheckoutPorts } from "./ports.ts";
import { settle, type Settled } from "./settle.ts";
import { repairSession } from "./repair.ts";
import { causeText } from "../runtime/cause.ts";
import { type CheckoutIntent, methodIdOf } from "../stripe/intent-calls.ts";
import { type Confirmation, type PresentedCard, waitsForCard } from "../stripe/confirmation.ts";

interface Confirmed extends Partial<Confirmation> {
  readonly settled: Settled | null;
}

/** A session whose client secret was shown, and the attempt with the card, if one was begun with that. */
export interface BegunConfirm {
  readonly located: LocatedCheckout;
  readonly attempt: Attempt | null;
}

/**
 * Confirms a session with a card and settles what comes of it. Answers again what is already so: a session that is
 * paid, or a card that is known to wait for the customer, is read and not charged.
 */
export async function confirmCheckout(
  ports: CheckoutPorts,
  begun: BegunConfirm,
  card: PresentedCard,
): Promise<ConfirmResponse> {
  const { located } = begun;
  if (located.status === "succeeded") return finished(located.snapshot);
  if (located.pastExpiry || located.status === "expired") {
    return finished(await repairSession(ports, located.sessionId) ?? located.snapshot);
  }
  if (located.status === "failed" || located.status === "canceled") {
    return finished(located.snapshot);
  }

  const { settled, intent, refusal, failure } = await confirm(ports, begun, card);
  const snapshot = settled?.outcome === "settled" ? settled.snapshot : located.snapshot;
  // Another card's payment may have gone through meanwhile: then this one's refusal is no longer the news.
  if (refusal !== undefined && snapshot.status === "pending") {
    throw new CheckoutError(refusal.code, {
      message: refusal.message,
      details: { declineCode: refusal.declineCode },
    });
  }
  if (failure !== undefined && snapshot.status === "pending") throw failure;
  if (snapshot.status === "requires_action" && waitsForDeposits(intent)) {
    throw new CheckoutError("bank_account_unverified");
  }
  return finished(snapshot, intent);
}

/** An intent that waits for a card is not looked at first: where it takes none by now, Stripe refuses the card, and it is read then. */
async function confirm(
  ports: CheckoutPorts,
  { located, attempt }: BegunConfirm,
  card: PresentedCard,
): Promise<Confirmed> {
  if (attempt !== null) return tried(ports, located, card, attempt);
  const { sessionId, stripePaymentIntentId, stripeAccountId } = located;
  const intent = await ports.stripe.intents.retrieve(stripePaymentIntentId, stripeAccountId);
  if (!takesCard(intent, card)) return confirmed(ports, located, { intent });
  const begun = await ports.checkouts.beginAttempt(sessionId, card, intent.status);
  return tried(ports, located, card, begun);
}

async function tried(
  ports: CheckoutPorts,
  located: LocatedCheckout,
  card: PresentedCard,
  attempt: Attempt,
): Promise<Confirmed> {
  const { sessionId, stripePaymentIntentId: id, stripeAccountId: account } = located;
  const { intents } = ports.stripe;
  switch (attempt.outcome) {
    case "confirm": {
      const { number } = attempt;
      const confirmation = await intents.confirm(id, { sessionId, number }, card, account);
      return confirmed(ports, located, confirmation, attempt);
    }
    case "read":
      return confirmed(ports, located, { intent: await intents.retrieve(id, account) }, attempt);
    case "closed":
      return confirmed(ports, located, { intent: await intents.retrieve(id, account) });
    case "already_subscribed":
      return { settled: await ended(ports, sessionId) };
    case "payment_in_progress":
    case "subscription_changed":
    case "coupon_first_time_only":
    case "price_unavailable":
    case "rate_limited": {
      const intent = await intents.retrieve(id, account);
      // Who has paid past this confirm is not told to have been refused.
      if (takesCard(intent, card)) throw refusedOrLimited(attempt, ports.log, { sessionId });
      return confirmed(ports, located, { intent });
    }
  }
}

async function confirmed(
  ports: CheckoutPorts,
  located: LocatedCheckout,
  confirmation: Confirmation,
  attempt?: { readonly number: number; readonly revision: number },
): Promise<Confirmed> {
  const own = { ...ports, checkouts: ports.checkouts.for({ attemptNumber: attempt?.number }) };
  const at = { ...located, revision: attempt?.revision ?? located.revision };
  return { ...confirmation, settled: await settledOrProcessing(own, at, confirmation.intent) };
}

/**
 * What the session was for has been bought otherwise: its intent is canceled, so that no other way pays it and no page that
 * watches it waits. Where that fails now, it is past its expiry all the same, and reconcile is next.
 */
async function ended(ports: CheckoutPorts, sessionId: string): Promise<Settled> {
  try {
    const snapshot = await repairSession(ports, sessionId);
    if (snapshot !== undefined) return { outcome: "settled", snapshot };
  } catch (error) {
    ports.log.warn("not ended yet", { sessionId, cause: causeText(error) });
  }
  throw new CheckoutError("already_subscribed");
}

/**
 * What comes of an intent. Once the customer has paid, no failure of the fulfillment is theirs: they are told that it is being
 * processed, which it is, and never that something failed, which would make them pay again.
 */
async function settledOrProcessing(
  ports: CheckoutPorts,
  located: LocatedCheckout,
  intent: CheckoutIntent,
): Promise<Settled | null> {
  const { sessionId } = located;
  try {
    return await settle(ports, located, intent);
  } catch (error) {
    const paid = intent.status === "succeeded"
      ? (await ports.checkouts.read(sessionId))?.snapshot
      : undefined;
    if (paid === undefined || paid.status === "pending") throw error;
    ports.log.error("paid, and not fulfilled yet", { sessionId, cause: causeText(error) });
    return { outcome: "settled", snapshot: paid };
  }
}

/** Whether the intent waits for a card, and not for the customer's bank about this very card. */
function takesCard(intent: CheckoutIntent, { paymentMethodId }: PresentedCard): boolean {
  if (intent.status === "requires_action") return methodIdOf(intent) !== paymentMethodId;
  return waitsForCard(intent);
}

/**
 * Whether small deposits are to verify the customer's bank account, for which the session's hour is too short
 * (https://docs.stripe.com/financial-connections/request-alternative-verification-method). Another method may be tried.
 */
const waitsForDeposits = (intent: CheckoutIntent | undefined) =>
  intent?.next_action?.type === "verify_with_microdeposits";
