import type { AccountFacts } from "../../../shared/stripe/accounts.ts";
import { syncAccount } from "../../../shared/sync/account.ts";
import { drift } from "../finding.ts";
import { findings, type Look, type Stage } from "../look.ts";

/**
 * What a connected account on which somebody sells may do: `account.updated` comes once, and reconcile reads those alone again that could
 * not take payments.
 */
export const connected: Stage = {
  name: "account",
  async page(look) {
    const { place: { account }, ports } = look;
    const isSoldOn = account !== null && await ports.billing.locateAccount(account) !== null;
    const due = isSoldOn ? [account] : [];
    return {
      findings: await findings(look, due, named, async (id) => {
        const fields = drift({ ...await ports.stripe.accounts.retrieve(id) }, await known(look));
        return fields.length === 0
          ? []
          : [{ ...named(id), problem: "differs", fields, repair: () => syncAccount(ports, id) }];
      }),
      read: due.length,
      last: undefined,
    };
  },
};

const named = (stripeId: string) => ({ kind: "account", stripeId }) as const;

/** One without a row has never given cause to ask. */
async function known({ client, place }: Look) {
  const { rows: [row] } = await client.query<{ [Fact in keyof AccountFacts]: boolean }>(
    `select a.deauthorized_at is null as authorized, a.charges_enabled as "chargesEnabled"
     from billing.stripe_accounts a where a.stripe_account_id = $1`,
    [place.account],
  );
  return row ?? { authorized: true, chargesEnabled: true };
}
