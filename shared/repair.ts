import type { Snapshot } from "./contract/snapshot.ts";
import { type Fulfilment, settle } from "./fulfilment.ts";
import { carryOut } from "./subscription-change.ts";

/**
 * Brings one session to where it should be, whatever was missed: one whose hour is over is canceled at Stripe first, so
 * that what was paid until then is still honoured. Undefined where there is nothing to show.
 */
export async function repairSession(
  ports: Fulfilment,
  sessionId: string,
): Promise<Snapshot | undefined> {
  const located = await ports.checkouts.locate({ sessionId });
  if (located === null) {
    const change = await ports.checkouts.resumeChange(sessionId);
    if (change !== null) return carryOut(ports, change);
    await ports.checkouts.expireBare(sessionId);
    return (await ports.checkouts.read(sessionId))?.snapshot;
  }
  if (located.due) {
    await ports.stripe.intents.cancel(
      located.stripePaymentIntentId,
      located.stripeAccountId,
      located.revision,
    );
  }
  const settled = await settle(ports, { sessionId });
  return settled?.outcome === "settled" ? settled.snapshot : located.snapshot;
}
