/** What Stripe has and what stands here, where the two are not one. */
export interface Finding {
  readonly kind: "subscription" | "invoice" | "payment" | "dispute" | "account";
  readonly stripeId: string;
  readonly problem: Problem;
  /** Of what differs. */
  readonly fields?: readonly Difference[];
  /**
   * Brings it in line, as an event about it would; absent where nothing here may. Answers `unknown` or `missing` where there was
   * nothing to bring in line, and `given back` where a checkout could no longer be completed.
   */
  readonly repair?: () => Promise<unknown>;
}

export type Problem =
  /** A row says otherwise. */
  | "differs"
  /** There is no row of it, and it is of something that has one. */
  | "missing"
  /** Made for a checkout here that has not come to its end. */
  | "unfinished"
  /** Made for a checkout here that ended without it. */
  | "surplus"
  /** A row names it, and Stripe has no such thing: deleted, or another key's. */
  | "gone"
  /** It could not be compared; the reason is in the log. */
  | "failed"
  /** Of a checkout of an organization here, of which there is no row: the database was restored to a time before it. */
  | "lost"
  /** Sold by somebody else than this project. */
  | "foreign";

export interface Difference {
  readonly field: string;
  readonly here: Value;
  readonly atStripe: Value;
}

export type Value = string | number | boolean | null;

/** The facts by which an object of Stripe's and a row differ. Times are Unix seconds, amounts minor units. */
export function drift(
  atStripe: Readonly<Record<string, Value | undefined>>,
  here: Readonly<Record<string, Value | undefined>>,
): Difference[] {
  return Object.keys(atStripe).map((field) => ({
    field,
    here: here[field] ?? null,
    atStripe: atStripe[field] ?? null,
  })).filter((one) => one.here !== one.atStripe);
}
