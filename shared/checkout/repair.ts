import type { Snapshot } from "../contract/snapshot.ts";
import type { LocatedCheckout } from "../domain/sessions.ts";
import type { CheckoutPorts } from "./ports.ts";
import { aboutSession } from "./about-session.ts";
import { settle } from "./settle.ts";
import { AccountGone } from "../stripe/errors.ts";
import { carryOut } from "./change.ts";

/**
 * Brings one session to where it should be, whatever was missed: one past its expiry is canceled at Stripe first, so
 * that what was paid until then is still honored. Undefined where there is nothing to show.
 */
export async function repairSession(
  ports: CheckoutPorts,
  sessionId: string,
): Promise<Snapshot | undefined> {
  const located = await ports.checkouts.locate({ sessionId });
  if (located === null) {
    const change = await ports.checkouts.resumeChange(sessionId);
    if (change !== null) return carryOut(ports, change);
    await ports.checkouts.expireBare(sessionId);
    return (await ports.checkouts.read(sessionId))?.snapshot;
  }
  ports.log.note(aboutSession(located));
  if (located.pastExpiry && !await end(ports, located)) {
    await ports.checkouts.expireUnreachable(sessionId);
    return (await ports.checkouts.read(sessionId))?.snapshot;
  }
  const settled = await settle(ports, located);
  return settled?.outcome === "settled" ? settled.snapshot : located.snapshot;
}

/** Cancels the intent at Stripe, unless it is past that; false where the account is out of reach for good. */
async function end(
  { stripe, log }: CheckoutPorts,
  { sessionId, stripePaymentIntentId, stripeAccountId, revision }: LocatedCheckout,
): Promise<boolean> {
  try {
    await stripe.intents.cancel(stripePaymentIntentId, stripeAccountId, revision);
    return true;
  } catch (error) {
    if (!(error instanceof AccountGone)) throw error;
    log.warn("expired on an account that is gone", { sessionId });
    return false;
  }
}
