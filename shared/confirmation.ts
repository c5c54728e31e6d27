import type { ConfirmResponse } from "./contract/confirm.ts";
import type { Snapshot } from "./contract/snapshot.ts";
import type { LocatedCheckout } from "./database/rows.ts";
import { CheckoutError, type ErrorCode } from "./errors.ts";
import type { Cause, Fulfilment } from "./fulfilment-outcome.ts";
import { settle, settleAs, type Settled } from "./fulfilment.ts";
import { repairSession } from "./repair.ts";
import { causeText } from "./http/error-response.ts";
import { type CheckoutIntent, methodIdOf } from "./stripe/intent-calls.ts";
import type { Confirmation, PresentedCard } from "./stripe/intents.ts";

interface Confirmed extends Confirmation {
  readonly settled: Settled | null;
}

/**
 * Confirms a session with a card and settles what comes of it. Answers again what is already so: a session that is
 * paid, or a card that already waits for the customer, is read and not charged.
 */
export async function confirmCheckout(
  ports: Fulfilment,
  located: LocatedCheckout,
  card: PresentedCard,
): Promise<ConfirmResponse> {
  if (located.status === "succeeded") return answer(located.snapshot);
  if (located.due || located.status === "expired") {
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
  return finished(snapshot, intent);
}

async function confirm(
  ports: Fulfilment,
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
    if (
      attempt.outcome === "already_subscribed" || attempt.outcome === "payment_in_progress" ||
      attempt.outcome === "subscription_changed" || attempt.outcome === "coupon_first_time_only"
    ) {
      throw new CheckoutError(attempt.outcome);
    }
    if (attempt.outcome === "rate_limited") {
      ports.log.warn("rate limited", { sessionId, retryAfter: attempt.retryAfter });
      throw new CheckoutError("rate_limited", { retryAfter: attempt.retryAfter });
    }
    if ("number" in attempt) ({ number: attemptNumber, revision } = attempt);
    confirmation = attempt.outcome === "confirm"
      ? await intents.confirm(id, { sessionId, number: attempt.number }, card, account)
      : { intent: await intents.retrieve(id, account) };
  }
  const seen = { ...located, revision };
  const settled = await settledOrProcessing(ports, seen, confirmation.intent, { attemptNumber });
  return { ...confirmation, settled };
}

/**
 * What comes of an intent. Once the customer has paid, no failure of the fulfilment is theirs: they are told that it is being
 * processed, which it is, and never that something failed, which would make them pay again.
 */
async function settledOrProcessing(
  ports: Fulfilment,
  located: LocatedCheckout,
  intent: CheckoutIntent,
  cause: Cause,
): Promise<Settled | null> {
  const { sessionId } = located;
  try {
    const settled = await settleAs(ports, located, intent, cause);
    return settled === "stale" ? await settle(ports, { sessionId }, cause) : settled;
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

/** Why what was paid or set up came to nothing, as the snapshot says it. */
const notHonored = [
  "payment_refunded",
  "refund_pending",
  "refund_failed",
  "already_subscribed",
  "subscription_changed",
  "trial_used",
  "price_unavailable",
  "price_mismatch",
] as const satisfies ErrorCode[];

/** Why a session has come to nothing, as a caller is told it; undefined where it has not. */
export function failureOf(
  { status, error }: Snapshot,
): { readonly code: ErrorCode; readonly message?: string } | undefined {
  const refused = notHonored.find((code) => code === error?.code);
  if (refused !== undefined && error !== undefined) {
    return { code: refused, message: error.message };
  }
  if (status === "expired") return { code: "session_expired" };
  return status === "failed" || status === "canceled" ? { code: "session_closed" } : undefined;
}

/** The answer for a snapshot, or the error that says why there is none. */
export function finished(snapshot: Snapshot, intent?: CheckoutIntent): ConfirmResponse {
  const failure = failureOf(snapshot);
  if (failure !== undefined) throw new CheckoutError(failure.code, failure);
  return answer(snapshot, intent);
}

const messages: Readonly<Partial<Record<Snapshot["status"], string>>> = {
  succeeded: "Your subscription is active.",
  processing: "Your payment is being processed.",
  requires_action: "Your bank wants to confirm this with you.",
};

const hasEnded = ({ status }: { readonly status: string }) =>
  status === "canceled" || status === "unpaid";

function succeededAs({ status, subscription }: Snapshot): string | undefined {
  if (status !== "succeeded" || subscription === undefined) return undefined;
  if (hasEnded(subscription)) return "This went through; the subscription has ended since.";
  return subscription.status === "trialing" ? "Your free trial has begun." : undefined;
}

/** What a confirm answers for a snapshot. */
function answer(snapshot: Snapshot, intent?: CheckoutIntent): ConfirmResponse {
  const { status, subscription } = snapshot;
  const requiresAction = status === "requires_action";
  const next = requiresAction ? intent?.next_action : undefined;
  const redirectToUrl = next?.redirect_to_url?.url ?? undefined;
  return {
    success: status === "succeeded",
    status: subscription?.status ?? status,
    requiresAction,
    ...(redirectToUrl === undefined ? {} : { actionUrl: redirectToUrl }),
    ...(next === undefined || next === null ? {} : {
      nextAction: { type: next.type, ...(redirectToUrl === undefined ? {} : { redirectToUrl }) },
    }),
    ...(subscription === undefined ? {} : { subscriptionId: subscription.id }),
    message: succeededAs(snapshot) ?? messages[status] ?? "Please choose a payment method.",
  };
}
