import { NOBODY } from "../core/actor.ts";
import type { Account } from "../store/account.ts";
import type { PaymentIntent } from "../store/types.ts";
import type { World } from "../world.ts";
import type { Context } from "./context.ts";
import { syncInvoice } from "./invoices.ts";
import { backToPaymentMethod } from "./declines.ts";
import { succeed } from "./payments.ts";

/** A debit reaches the customer's bank: the money comes, or `failure` says why not. */
function settle(context: Context, intent: PaymentIntent, failure: string | null): void {
  const { world, account, actor } = context;
  const debit = account.debits.get(intent.id);
  if (debit === undefined) return;
  account.debits.delete(intent.id);
  const made = account.charges.get(debit.chargeId);
  const method = account.paymentMethods.get(String(made.payment_method));
  if (failure === null) {
    made.status = "succeeded";
    made.paid = true;
    succeed(context, intent, made, method);
    return;
  }
  const message = `The customer's bank returned the debit: ${failure}.`;
  made.status = "failed";
  made.paid = false;
  made.captured = false;
  made.amount_captured = 0;
  made.failure_code = failure;
  made.failure_message = message;
  world.emit(account, "charge.failed", made, actor);
  backToPaymentMethod(context, intent, {
    charge: made.id,
    code: "payment_intent_payment_attempt_failed",
    decline_code: failure,
    message,
    payment_method: structuredClone(method),
    type: "card_error",
  });
}

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
  settle(context, intent, failure);
  syncInvoice(context, intent);
  return { id: intent.id, status: intent.status };
}
