import { failureOf } from "./answer.ts";
import type { Snapshot } from "../contract/snapshot.ts";
import type { LocatedCheckout } from "../domain/sessions.ts";
import { CheckoutError } from "../runtime/errors.ts";
import type { CheckoutPorts } from "./ports.ts";
import { settle } from "./settle.ts";
import { readAgain } from "../runtime/read-again.ts";
import type { CheckoutIntent } from "../stripe/intent-calls.ts";

/**
 * Cancels a session's intent at Stripe, unless its payment is made or on its way there, and brings the session to where
 * that leaves it: whichever of payment and cancellation Stripe took first stands, and a payment is fulfilled. A crash in
 * between is healed by the event, by reconcile, or by the owner who asks again.
 */
export function cancelIntent(ports: CheckoutPorts, first: LocatedCheckout): Promise<Snapshot> {
  let located = first;
  return readAgain("session", async () => {
    const intent = await decided(ports, located);
    const settled = await settle(ports, located, intent);
    if (settled?.outcome === "settled" && !isOpen(settled.snapshot)) return settled.snapshot;
    // Open again: its bank debit has failed, or another card was tried meanwhile.
    const again = await ports.checkouts.locate({ sessionId: located.sessionId });
    if (again === null) throw new CheckoutError("session_not_found");
    located = again;
    return "stale";
  });
}

/** The intent after Stripe was asked to cancel it, or as it is where there is nothing to cancel. */
async function decided(
  { stripe: { intents } }: CheckoutPorts,
  { status, revision, stripePaymentIntentId: id, stripeAccountId: account }: LocatedCheckout,
): Promise<CheckoutIntent> {
  const intent = await intents.retrieve(id, account);
  // A session that is processing may not go to canceled: that its debit failed is written first.
  const isUnpaid = status === "open" || status === "requires_action";
  return isUnpaid && waiting.has(intent.status) ? intents.cancel(id, account, revision) : intent;
}

/** Not `processing`: Stripe cancels it in rare cases, and a debit that the bank has in hand is not ours to recall. */
const waiting: ReadonlySet<CheckoutIntent["status"]> = new Set([
  "requires_payment_method",
  "requires_confirmation",
  "requires_action",
]);

const isOpen = ({ status }: Snapshot) => status === "pending" || status === "requires_action";

/** The snapshot of a session that is canceled; throws with the snapshot of one that is something else. */
export function canceledOrWhy(session: Snapshot): Snapshot {
  if (session.status === "canceled") return session;
  const { code, ...told } = failureOf(session) ??
    { code: session.status === "succeeded" ? "session_completed" : "payment_processing" };
  throw new CheckoutError(code, { ...told, details: { session } });
}
