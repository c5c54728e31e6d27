import { invalid } from "../core/errors.ts";
import type { Account } from "../store/account.ts";
import type { Customer } from "../store/types.ts";

/** The currency that a customer is bound to by what lives or waits for an invoice. */
function currencyInUse(account: Account, customer: string): string | undefined {
  const live = account.subscriptions.all().find((one) =>
    one.customer === customer && one.ended_at === null
  );
  if (live !== undefined) return live.currency;
  return account.invoiceItems.all().find((item) =>
    item.customer === customer && item.invoice === null
  )?.currency;
}

/** Refuses a currency beside another one that the customer is bound to. */
export function checkOneCurrency(
  account: Account,
  customer: string,
  currency: string | undefined,
): void {
  const bound = currencyInUse(account, customer);
  if (currency === undefined || bound === undefined || bound === currency) return;
  throw invalid(
    `The currency of the selected prices (${currency}) does not match the customer currency (${bound}).`,
  );
}

/** A customer takes on the currency of what is new, unless a balance is still in another. */
export function useCurrency(customer: Customer, currency: string): void {
  if (customer.balance === 0) customer.currency = currency;
  customer.currency ??= currency;
}
