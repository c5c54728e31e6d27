import { finished } from "./answer.ts";
import type { ConfirmResponse } from "../contract/confirm.ts";
import type { LocatedCheckout } from "../domain/sessions.ts";
import { refusedOrLimited } from "../database/refused.ts";
import { CheckoutError } from "../runtime/errors.ts";
import type { CheckoutPorts } from "./ports.ts";
import { settle, type Settled } from "./settle.ts";
import { repairSession } from "./repair.ts";
import { causeText } from "../runtime/cause.ts";
import { type CheckoutIntent, methodIdOf } from "../stripe/intent-calls.ts";
import type { Confirmation, PresentedCard } from "../stripe/confirmation.ts";

interface Confirmed extends Confirmation {
  readonly settled: Settled | null;
}

/**
 * Confirms a session with a card and settles what comes of it. Answers again what is already so: a session that is
 * paid, or a card that already waits for the customer, is read and not charged.
 */
export async function confirmCheckout(
  ports: CheckoutPorts,
  located: LocatedCheckout,
  card: PresentedCard,
): Promise<ConfirmResponse> {
  if (located.status === "succeeded") return finished(located.snapshot);
  if (located.pastExpiry || located.status === "expired") {
    return finished(await repairSession(ports, located.sessionId) ?? located.snapshot);
  }
  if (located.status === "failed" || located.status === "canceled") {
    return finished(located.snapshot);
  }

  const { settled, intent, refusal, failure } = await confirm(ports, located, card);
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

async function confirm(
  ports: CheckoutPorts,
  located: LocatedCheckout,
  card: PresentedCard,
): Promise<Confirmed> {
  const { sessionId, stripePaymentIntentId: id, stripeAccountId: account } = located;
  const { intents } = ports.stripe;
  let confirmation: Confirmation = { intent: await intents.retrieve(id, account) };
  let attemptNumber: number | undefined;
  let { revision } = located;
  if (takesCard(confirmation.intent, card.paymentMethodId)) {
    const attempt = await ports.checkouts.beginAttempt(
      sessionId,
      card,
      confirmation.intent.status,
    );
    if ("number" in attempt) ({ number: attemptNumber, revision } = attempt);
    else if (attempt.outcome === "already_subscribed") {
      return { ...confirmation, settled: await ended(ports, sessionId) };
    } else if (attempt.outcome !== "closed") {
      throw refusedOrLimited(attempt, ports.log, { sessionId });
    }
    confirmation = attempt.outcome === "confirm"
      ? await intents.confirm(id, { sessionId, number: attempt.number }, card, account)
      : { intent: await intents.retrieve(id, account) };
  }
  const seen = { ...located, revision };
  const own = { ...ports, checkouts: ports.checkouts.for({ attemptNumber }) };
  const settled = await settledOrProcessing(own, seen, confirmation.intent);
  return { ...confirmation, settled };
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
function takesCard(intent: CheckoutIntent, paymentMethodId: string): boolean {
  if (intent.status === "requires_action") return methodIdOf(intent) !== paymentMethodId;
  return intent.status === "requires_payment_method" || intent.status === "requires_confirmation";
}

/**
 * Whether small deposits are to verify the customer's bank account, for which the session's hour is too short
 * (https://docs.stripe.com/financial-connections/request-alternative-verification-method). Another method may be tried.
 */
const waitsForDeposits = ({ next_action: next }: CheckoutIntent) =>
  next?.type === "verify_with_microdeposits";
