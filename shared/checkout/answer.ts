import type { ConfirmResponse } from "../contract/confirm.ts";
import type { Snapshot } from "../contract/snapshot.ts";
import { CheckoutError, type ErrorCode } from "../runtime/errors.ts";
import type { CheckoutIntent } from "../stripe/intent-calls.ts";

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
  processing: "Your payment is being processed.",
  requires_action: "Your bank wants to confirm this with you.",
};

/** What is said of a session that succeeded, by what its subscription is by now, in Stripe's words. */
const succeededAs: ReadonlyMap<string, string> = new Map([
  ["active", "Your subscription is active."],
  ["trialing", "Your free trial has begun."],
  ["past_due", "This went through; a later invoice of the subscription is not paid yet."],
  ["unpaid", "This went through; a later invoice of the subscription was not paid."],
  ["paused", "This went through; the subscription is paused."],
  ["canceled", "This went through; the subscription has ended since."],
]);

function messageOf({ status, subscription }: Snapshot): string {
  if (status !== "succeeded") return messages[status] ?? "Please choose a payment method.";
  return succeededAs.get(subscription?.status ?? "") ?? "This went through.";
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
    message: messageOf(snapshot),
  };
}
