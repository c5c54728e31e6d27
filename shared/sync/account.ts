import type { Billing } from "../database/billing.ts";
import type { Logger } from "../runtime/log.ts";
import { readAgain } from "../runtime/read-again.ts";
import type { StripeGateway } from "../stripe/gateway.ts";

export interface AccountSync {
  readonly billing: Billing;
  readonly stripe: StripeGateway;
  readonly log: Logger;
}

/** Writes what a connected account may do now. `unknown` where no organization sells on it. */
export function syncAccount(
  { billing, stripe, log }: AccountSync,
  account: string,
  eventId?: string,
): Promise<"applied" | "unknown"> {
  return readAgain(`account ${account}`, async () => {
    const seen = await billing.locateAccount(account);
    if (seen === null) return "unknown";
    const facts = await stripe.accounts.retrieve(account);
    const { outcome } = await billing.recordAccount(seen, account, facts, eventId);
    if (outcome === "stale") return "stale";
    if (!facts.authorized || !facts.chargesEnabled) {
      log.warn("account unavailable", { stripeAccountId: account, ...facts });
    }
    return "applied";
  });
}
