import { DatabaseError } from "pg";
import { uuid } from "../../shared/contract/primitives.ts";
import { CheckoutError } from "../../shared/runtime/errors.ts";
import type { Account } from "../../shared/stripe/account.ts";
import { AccountGone, found } from "../../shared/stripe/errors.ts";
import type { SyncPorts } from "../../shared/sync/ports.ts";
import type { Held } from "./claims.ts";
import type { Seen } from "./judge.ts";

/** Where is looked. */
export interface Site {
  /** Of which Stripe is only read. */
  readonly ports: SyncPorts;
  readonly account: Account;
}

export async function look({ ports, account }: Site, held: Held): Promise<Seen> {
  const atStripe = await found(ports.stripe.subscriptions.retrieve(held.stripeId, account));
  const label = uuid.safeParse(atStripe?.metadata["checkout_session_id"]);
  const isOfCheckout = label.success &&
    await ports.checkouts.locate({ sessionId: label.data }) !== null;
  return { ...held, atStripe, isOfCheckout };
}

/** Whether what failed did so for one person, and need not hold up the others. */
export const isOfOne = (error: unknown): boolean =>
  (error instanceof CheckoutError && !(error instanceof AccountGone)) ||
  error instanceof DatabaseError;
