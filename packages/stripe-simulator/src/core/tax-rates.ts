/**
 * A small table of consumption taxes on software that is sold online. It stands in for Stripe Tax: the
 * seller is in the United States and registered wherever the table has a rate.
 */

export interface Levy {
  percent: number;
  type: "gst" | "hst" | "jct" | "qst" | "sales_tax" | "vat" | null;
  reason:
    | "customer_exempt"
    | "not_collecting"
    | "not_subject_to_tax"
    | "reverse_charge"
    | "standard_rated";
  country: string;
  state: string | null;
}

/** Standard rates of VAT in the European Union, in percent. */
const EU: Readonly<Record<string, number>> = {
  AT: 20,
  BE: 21,
  BG: 20,
  CY: 19,
  CZ: 21,
  DE: 19,
  DK: 25,
  EE: 24,
  ES: 21,
  FI: 25.5,
  FR: 20,
  GR: 24,
  HR: 25,
  HU: 27,
  IE: 23,
  IT: 22,
  LT: 21,
  LU: 17,
  LV: 21,
  MT: 18,
  NL: 21,
  PL: 23,
  PT: 23,
  RO: 21,
  SE: 25,
  SI: 22,
  SK: 23,
};

type Rate = readonly [percent: number, type: NonNullable<Levy["type"]>];

const OTHERS: Readonly<Record<string, readonly Rate[]>> = {
  AU: [[10, "gst"]],
  CH: [[8.1, "vat"]],
  GB: [[20, "vat"]],
  JP: [[10, "jct"]],
  NO: [[25, "vat"]],
  NZ: [[15, "gst"]],
  SG: [[9, "gst"]],
};

const PROVINCES: Readonly<Record<string, readonly Rate[]>> = {
  AB: [[5, "gst"]],
  BC: [[5, "gst"]],
  NS: [[14, "hst"]],
  ON: [[13, "hst"]],
  QC: [[5, "gst"], [9.975, "qst"]],
};

/** First letters of Canadian postal codes. */
const POSTAL_PROVINCES: Readonly<Record<string, string>> = {
  B: "NS",
  G: "QC",
  H: "QC",
  J: "QC",
  K: "ON",
  L: "ON",
  M: "ON",
  N: "ON",
  P: "ON",
  T: "AB",
  V: "BC",
};

/** Ranges of the first three digits of ZIP codes, the state, and its rate; none where software is untaxed. */
const STATES: readonly (readonly [from: number, to: number, state: string, percent: number])[] = [
  [100, 149, "NY", 4],
  [150, 196, "PA", 6],
  [750, 799, "TX", 6.25],
  [900, 961, "CA", 0],
  [970, 979, "OR", 0],
  [980, 994, "WA", 6.5],
];

/** What is needed of an address. */
export interface TaxAddress {
  country: string | null;
  postal_code: string | null;
  state: string | null;
}

function standard(rates: readonly Rate[], country: string, state: string | null): Levy[] {
  return rates.map(([percent, type]) => ({
    percent,
    type,
    reason: "standard_rated",
    country,
    // Federal taxes are the country's also where they are paid with a province's.
    state: type === "gst" ? null : state,
  }));
}

function american(zip: string | null): Levy[] | null {
  if (zip === null || !/^\d{5}(-?\d{4})?$/.test(zip)) return null;
  const lead = Number(zip.slice(0, 3));
  const found = STATES.find(([from, to]) => lead >= from && lead <= to);
  const country = "US";
  if (found === undefined) {
    return [{ percent: 0, type: null, reason: "not_collecting", country, state: null }];
  }
  const [, , state, percent] = found;
  if (percent > 0) return standard([[percent, "sales_tax"]], country, state);
  return [{ percent, type: "sales_tax", reason: "not_subject_to_tax", country, state }];
}

function canadian({ postal_code, state }: TaxAddress): Levy[] | null {
  const letter = postal_code?.trim().charAt(0).toUpperCase() ?? "";
  const province = state?.toUpperCase() ?? POSTAL_PROVINCES[letter];
  if (province === undefined) return null;
  const rates = PROVINCES[province] ?? PROVINCES["AB"] ?? [];
  return standard(rates, "CA", province);
}

export function isEuropean(country: string | null): boolean {
  return country !== null && EU[country] !== undefined;
}

/** The taxes of a place; null where the address does not say enough. */
export function leviesAt(address: TaxAddress): Levy[] | null {
  const country = address.country?.toUpperCase() ?? "";
  if (!/^[A-Z]{2}$/.test(country) || country === "XX" || country === "ZZ") return null;
  if (country === "US") return american(address.postal_code);
  if (country === "CA") return canadian(address);
  const percent = EU[country];
  const rates: readonly Rate[] | undefined = percent === undefined
    ? OTHERS[country]
    : [[percent, "vat"]];
  return rates === undefined
    ? [{ percent: 0, type: null, reason: "not_collecting", country, state: null }]
    : standard(rates, country, null);
}
