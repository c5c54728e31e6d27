/**
 * Currencies as Stripe charges them: https://docs.stripe.com/currencies
 */

const TWO_DECIMALS =
  "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf " +
  "cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils " +
  "inr jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad " +
  "ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd sar sbd scr sek sgd shp sle sos srd std szl " +
  "thb tjs top try ttd twd tzs uah usd uyu uzs wst xcd yer zar zmw";
const NO_DECIMALS = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf";
const THREE_DECIMALS = "bhd jod kwd omr tnd";
/** Without decimals in fact, and written with two for the sake of old callers. */
const WRITTEN_WITH_TWO = "isk ugx";

interface Currency {
  decimals: number;
  /** An amount must be a whole multiple of this. */
  step: number;
}

const CURRENCIES = new Map<string, Currency>();
for (
  const [codes, decimals, step] of [
    [TWO_DECIMALS, 2, 1],
    [NO_DECIMALS, 0, 1],
    [THREE_DECIMALS, 3, 10],
    [WRITTEN_WITH_TWO, 2, 100],
  ] as const
) {
  for (const code of codes.split(" ")) CURRENCIES.set(code, { decimals, step });
}

/** Least charge, in minor units; for other currencies it depends on the rate of exchange. */
const LEAST: Readonly<Record<string, number>> = {
  aed: 200,
  aud: 50,
  bgn: 100,
  brl: 50,
  cad: 50,
  chf: 50,
  czk: 1500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17_500,
  inr: 50,
  jpy: 50,
  mxn: 1000,
  myr: 200,
  nok: 300,
  nzd: 50,
  pln: 200,
  ron: 200,
  sek: 300,
  sgd: 50,
  thb: 1000,
  usd: 50,
};

export function isCurrency(code: string): boolean {
  return CURRENCIES.has(code);
}

export function currencies(): string[] {
  return [...CURRENCIES.keys()];
}

export function decimalsOf(currency: string): number {
  return CURRENCIES.get(currency)?.decimals ?? 2;
}

/** The smallest difference between two amounts that can be charged, in minor units. */
export function stepOf(currency: string): number {
  return CURRENCIES.get(currency)?.step ?? 1;
}

export function leastCharge(currency: string): number {
  return LEAST[currency] ?? stepOf(currency);
}

/** The nearest amount that can be charged. */
export function roundTo(amount: number, currency: string): number {
  const step = stepOf(currency);
  return Math.round(amount / step) * step;
}
