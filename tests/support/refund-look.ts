import { letPass } from "./let-pass.ts";
import { reconcileOf } from "./reconcile.ts";
import type { Shop } from "./shop.ts";
import { stack } from "./stack.ts";

interface RefundedSession {
  readonly id: string;
  readonly paymentIntentId: string | null;
}

/** Lets the wait for the next look at a refund be over, and nothing else: events that no delivery brought stay unread. */
export async function lookAgain(shop: Shop, session: RefundedSession): Promise<void> {
  await shop.query("update billing.stripe_cursors set checked_at = now() + interval '1 hour'");
  await shop.query(
    `update billing.payment_intents set refund_look_at = now()
     where stripe_payment_intent_id = $1 and refund_look_at is not null`,
    [session.paymentIntentId],
  );
  await letPass(shop, session, "1 day");
  await reconcileOf(stack());
  await shop.query("update billing.stripe_cursors set checked_at = now()");
  await shop.idle();
}
