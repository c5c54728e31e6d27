import { readAgain } from "../runtime/read-again.ts";
import type { Account } from "../stripe/account.ts";
import { found } from "../stripe/errors.ts";
import type { SyncPorts } from "./ports.ts";

type Synced = "applied" | "unknown";

/**
 * Writes what Stripe says a product is called, and whether it is for sale. `unknown` where the catalogue has no such product: of
 * one that somebody makes at Stripe nothing is invented here.
 */
export function syncProduct(
  { billing, stripe }: SyncPorts,
  stripeProductId: string,
  account: Account,
): Promise<Synced> {
  return readAgain(`product ${stripeProductId}`, async () => {
    const seen = await billing.locateOffer(stripeProductId, account);
    if (seen === null) return "unknown";
    const facts = await found(stripe.offers.product(stripeProductId, account));
    const { outcome } = await billing.recordProduct(
      seen,
      facts ?? { id: stripeProductId, active: false },
      account,
    );
    return outcome === "recorded" ? "applied" : outcome;
  });
}

/** Writes whether Stripe sells a price. `unknown` as for `syncProduct`. */
export function syncPrice(
  { billing, stripe }: SyncPorts,
  stripePriceId: string,
  account: Account,
): Promise<Synced> {
  return readAgain(`price ${stripePriceId}`, async () => {
    const seen = await billing.locateOffer(stripePriceId, account);
    if (seen === null) return "unknown";
    const facts = await found(stripe.offers.price(stripePriceId, account));
    const { outcome } = await billing.recordPrice(
      seen,
      stripePriceId,
      facts?.active ?? false,
      account,
    );
    return outcome === "recorded" ? "applied" : outcome;
  });
}
