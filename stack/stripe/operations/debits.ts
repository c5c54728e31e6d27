import { NOBODY } from "../core/actor.ts";
import type { Account } from "../store/account.ts";
import type { World } from "../world.ts";
import { syncInvoice } from "./invoices.ts";
import { settleDebit } from "./payments.ts";

/** Lets the debit of an intent settle, or fail for a reason; undefined when none is on its way. */
export function settleDebitOf(
  world: World,
  account: Account,
  intentId: string,
  failure: string | null,
): { id: string; status: string } | undefined {
  if (!account.debits.has(intentId)) return undefined;
  const intent = account.paymentIntents.get(intentId);
  const context = { world, account, actor: NOBODY };
  settleDebit(context, intent, failure);
  syncInvoice(context, intent);
  return { id: intent.id, status: intent.status };
}
