import { currencies, decimalsOf, isCurrency, leastCharge, stepOf } from "./currencies.ts";
import { invalid } from "./errors.ts";

/**
 * What is due of an invoice's total when a customer's balance is set off against it, and the balance
 * that is left. What Stripe would not charge waits in the balance for the next invoice.
 */
export function setOff(
  total: number,
  balance: number,
  currency: string,
): { due: number; ending: number } {
  const sum = total + balance;
  const chargeable = sum > 0 && sum >= leastCharge(currency);
  return chargeable ? { due: sum, ending: 0 } : { due: 0, ending: sum };
}

const MOST = 99_999_999;

function show(amount: number, currency: string): string {
  const decimals = decimalsOf(currency);
  return `${(amount / 10 ** decimals).toFixed(decimals)} ${currency}`;
}

export function checkCurrency(currency: string): string {
  const lower = currency.toLowerCase();
  if (!isCurrency(lower)) {
    throw invalid(
      `Invalid currency: ${lower}. Stripe currently supports these currencies: ${
        currencies().join(", ")
      }`,
      { param: "currency" },
    );
  }
  return lower;
}

/** Refuses an amount that Stripe would not charge. */
export function checkAmount(amount: number, currency: string): void {
  const least = leastCharge(currency);
  if (amount < 1) {
    throw invalid("This value must be greater than or equal to 1.", {
      code: "parameter_invalid_integer",
      param: "amount",
    });
  }
  if (amount < least) {
    throw invalid(`Amount must be at least ${show(least, currency)}`, {
      code: "amount_too_small",
      param: "amount",
    });
  }
  if (amount > MOST) {
    throw invalid(`Amount must be no more than ${show(MOST, currency)}`, {
      code: "amount_too_large",
      param: "amount",
    });
  }
  checkStep(amount, currency);
}

/** Refuses an amount with digits that do not exist in its currency. */
export function checkStep(amount: number, currency: string): void {
  const step = stepOf(currency);
  if (amount % step === 0) return;
  throw invalid(
    `Invalid amount: in ${currency} amounts must be evenly divisible by ${step}.`,
    { code: "parameter_invalid_integer", param: "amount" },
  );
}
