import { invalid } from "./errors.ts";

/** Least charge by currency, in minor units: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
const LEAST: Readonly<Record<string, number>> = {
  usd: 50,
  eur: 50,
  gbp: 30,
  jpy: 50,
  aud: 50,
  cad: 50,
  chf: 50,
  nzd: 50,
  sgd: 50,
  sek: 300,
  nok: 300,
  dkk: 250,
  pln: 200,
  brl: 50,
  mxn: 1000,
  hkd: 400,
  czk: 1500,
  inr: 50,
};

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
  const chargeable = sum > 0 && sum >= (LEAST[currency] ?? 1);
  return chargeable ? { due: sum, ending: 0 } : { due: 0, ending: sum };
}

const WITHOUT_DECIMALS = new Set(["jpy"]);
const MOST = 99_999_999;

function show(amount: number, currency: string): string {
  const value = WITHOUT_DECIMALS.has(currency) ? String(amount) : (amount / 100).toFixed(2);
  return `${value} ${currency}`;
}

export function checkCurrency(currency: string): string {
  const lower = currency.toLowerCase();
  if (LEAST[lower] === undefined) {
    const supported = Object.keys(LEAST).join(", ");
    throw invalid(
      `Invalid currency: ${lower}. Stripe currently supports these currencies: ${supported}`,
      { param: "currency" },
    );
  }
  return lower;
}

/** Refuses an amount that Stripe would not charge. */
export function checkAmount(amount: number, currency: string): void {
  const least = LEAST[currency] ?? 1;
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
}
