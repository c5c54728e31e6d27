import { readAgain } from "../runtime/read-again.ts";
import type { SyncPorts } from "./ports.ts";

/** Writes what a connected account may do now. `unknown` where no organization sells on it. */
export function syncAccount(
  { billing, stripe, log }: SyncPorts,
  account: string,
): Promise<"applied" | "unknown"> {
  return readAgain(`account ${account}`, async () => {
    const seen = await billing.locateAccount(account);
    if (seen === null) return "unknown";
    const facts = await stripe.accounts.retrieve(account);
    const { outcome } = await billing.recordAccount(seen, account, facts);
    if (outcome === "stale") return "stale";
    if (!facts.authorized || !facts.chargesEnabled) {
      log.warn("account unavailable", { stripeAccountId: account, ...facts });
    }
    return "applied";
  });
}
