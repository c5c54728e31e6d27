/** What the catalogue sells: one amount for each seat, every so often. */
export interface CataloguePrice {
  /** Minor units, for one seat. */
  readonly unitAmount: number;
  readonly currency: string;
  readonly interval: string;
  readonly intervalCount: number;
}

/** The same as Stripe has it, as far as it decides what is billed. */
export interface StripePrice extends Omit<CataloguePrice, "unitAmount"> {
  /** Null where the amount is not one number for each seat (tiers, fractions of a minor unit). */
  readonly unitAmount: number | null;
  readonly active: boolean;
  /** Billed by the number of seats, and not by what was used or in packages. */
  readonly perSeat: boolean;
  readonly stripeProductId: string;
}

/** One for each field: a catalogue that says more of a price does not compile until that is compared too. */
const sameIn: Record<keyof CataloguePrice, (row: CataloguePrice, price: StripePrice) => boolean> = {
  unitAmount: (row, price) => row.unitAmount === price.unitAmount,
  currency: (row, price) => row.currency === price.currency,
  interval: (row, price) => row.interval === price.interval,
  intervalCount: (row, price) => row.intervalCount === price.intervalCount,
};

/** In which fields Stripe would bill other than the catalogue says; empty where they agree. */
export function priceDifferences(row: CataloguePrice, price: StripePrice): string[] {
  return [
    ...Object.entries(sameIn).filter(([, same]) => !same(row, price)).map(([field]) => field),
    ...(price.perSeat ? [] : ["perSeat"]),
  ];
}
