/** What Stripe says of currencies: https://docs.stripe.com/currencies. SQL has the same; a test holds the two equal. */

/** Least charges, in minor units: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
const leastCharges = new Map(Object.entries({
  aed: 200,
  aud: 50,
  bgn: 100,
  brl: 50,
  cad: 50,
  chf: 50,
  czk: 1_500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17_500,
  inr: 50,
  jpy: 50,
  mxn: 1_000,
  myr: 200,
  nok: 300,
  nzd: 50,
  pln: 200,
  ron: 200,
  sek: 300,
  sgd: 50,
  thb: 1_000,
  usd: 50,
}));

const withoutDecimals = new Set([
  "bif",
  "clp",
  "djf",
  "gnf",
  "jpy",
  "kmf",
  "krw",
  "mga",
  "pyg",
  "rwf",
  "vnd",
  "vuv",
  "xaf",
  "xof",
  "xpf",
]);
const withThreeDecimals = new Set(["bhd", "jod", "kwd", "omr", "tnd"]);
/** Without decimals in fact, and written with two. */
const writtenWithTwo = new Set(["isk", "ugx"]);

/** How many of an amount's digits stand behind the point: 0, 2 or 3. */
export function decimalsOf(currency: string): number {
  if (withoutDecimals.has(currency)) return 0;
  return withThreeDecimals.has(currency) ? 3 : 2;
}

/** Amounts that can be charged are multiples of this, in minor units. */
export function chargeStep(currency: string): number {
  if (withThreeDecimals.has(currency)) return 10;
  return writtenWithTwo.has(currency) ? 100 : 1;
}

/**
 * The least charge, in minor units. For a currency that Stripe does not list it depends on the rate of exchange: here the
 * smallest amount.
 */
export function minimumCharge(currency: string): number {
  return leastCharges.get(currency) ?? chargeStep(currency);
}

/** An amount in minor units as people write it: `$29.00`, `¥4,300`. Not what Intl says of decimals, but what Stripe does. */
export function formatAmount(amount: number, currency: string, locale = "en"): string {
  const decimals = decimalsOf(currency);
  return new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(amount / 10 ** decimals);
}
