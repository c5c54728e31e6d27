import { newId } from "../core/ids.ts";
import { setOff } from "../core/money.ts";
import type { Customer, CustomerBalanceTransaction, Invoice } from "../store/types.ts";
import { balanceIn } from "../entities/customer.ts";
import type { Context } from "./context.ts";
import { useCurrency } from "./customer-currency.ts";

interface Movement {
  amount: number;
  currency: string;
  type: CustomerBalanceTransaction["type"];
  invoice?: string;
  description?: string | null;
  metadata?: Record<string, string>;
}

/** Moves a customer's balance: below zero it is credit for later invoices, above it is owed. */
export function moveBalance(
  { world, account, actor }: Context,
  customer: Customer,
  movement: Movement,
): CustomerBalanceTransaction {
  world.change(account, "customer.updated", customer, actor, () => {
    useCurrency(customer, movement.currency);
    customer.balance += movement.amount;
  });
  return account.balanceTransactions.add({
    id: newId("cbtxn"),
    object: "customer_balance_transaction",
    amount: movement.amount,
    checkout_session: null,
    created: world.clock.now(),
    credit_note: null,
    currency: movement.currency,
    customer: customer.id,
    customer_account: null,
    description: movement.description ?? null,
    ending_balance: customer.balance,
    invoice: movement.invoice ?? null,
    livemode: false,
    metadata: movement.metadata ?? {},
    type: movement.type,
  });
}

/** Sets a customer's balance off against an invoice that is being finalized. */
export function applyBalance(context: Context, invoice: Invoice): void {
  const customer = context.account.customers.find(String(invoice.customer));
  const starting = balanceIn(customer, invoice.currency);
  const { due, ending } = setOff(invoice.total, starting, invoice.currency);
  invoice.starting_balance = starting;
  invoice.ending_balance = ending;
  invoice.amount_due = due;
  invoice.amount_remaining = due;
  if (customer === undefined || ending === starting) return;
  moveBalance(context, customer, {
    amount: ending - starting,
    currency: invoice.currency,
    type: ending > 0 ? "invoice_too_small" : "applied_to_invoice",
    invoice: invoice.id,
  });
}

/** Gives back what a voided invoice had taken of the balance. */
export function unapplyBalance(context: Context, invoice: Invoice): void {
  const customer = context.account.customers.find(String(invoice.customer));
  const amount = invoice.starting_balance - (invoice.ending_balance ?? invoice.starting_balance);
  if (customer === undefined || amount === 0) return;
  moveBalance(context, customer, {
    amount,
    currency: invoice.currency,
    type: "unapplied_from_invoice",
    invoice: invoice.id,
  });
}
