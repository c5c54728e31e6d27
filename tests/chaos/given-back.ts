import type { Shop } from "../support/shop.ts";
import type { Arena } from "./arena.ts";
import { answered, attempts } from "./drain.ts";
import { outside, type Shown } from "./stage.ts";

/** The merchant gives a payment back by hand, in full or by half. */
export async function refundsIn(shop: Shop, intent: string, whole: boolean): Promise<void> {
  const { amount_received: received } = await outside(shop.stripe.paymentIntents.retrieve(intent));
  await outside(shop.stripe.refunds.create({
    payment_intent: intent,
    ...(whole ? {} : { amount: Math.max(1, Math.floor(received / 2)) }),
  }));
}

/**
 * Gives back by hand whatever was paid and is not honored yet. Answers the sessions of which it is sure that nobody was at
 * work meanwhile, with what was read before: none of them may be honored any more.
 */
export async function giveBack(
  arena: Arena,
  shop: Shop,
  sessions: readonly Shown[],
): Promise<string[]> {
  const sure: string[] = [];
  await answered(arena);
  // The merchant's own calls meet none. What Stripe tells of them comes late, so that it is not by that alone that it is known.
  await arena.admin("DELETE", "/faults");
  await arena.admin("POST", "/faults", { kind: "webhook_drop", count: null });
  for (const { created: { id, paymentIntentId: intent } } of sessions) {
    if (intent?.startsWith("pi_") !== true) continue;
    const before = await attempts(arena);
    const { status } = await shop.stripe.paymentIntents.retrieve(intent);
    if (status !== "succeeded") continue;
    if (!await isWaiting(arena, id)) continue;
    try {
      await refundsIn(shop, intent, true);
    } catch {
      // Given back already.
      continue;
    }
    // Whose attempt began meanwhile may have read the intent before.
    const isQuiet = before === await attempts(arena) && before.startsWith("0 ");
    if (isQuiet && await isWaiting(arena, id)) sure.push(id);
  }
  await answered(arena);
  await arena.admin("DELETE", "/faults");
  return sure;
}

async function isWaiting({ query }: Arena, sessionId: string): Promise<boolean> {
  const rows = await query(
    "select from billing.checkout_sessions where id = $1 and status <> 'succeeded'",
    [sessionId],
  );
  return rows.length === 1;
}
