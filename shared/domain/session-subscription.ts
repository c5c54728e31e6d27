/** What a session knows of the subscription that was to be made for it; times in Unix seconds. */
export interface ExpectedSubscription {
  readonly stripeCustomerId: string | null;
  readonly stripePriceId: string | null;
  /** From when on the money can have come, or the card have been set up; null while it has not. */
  readonly payableSince: number | null;
  /** When the session was completed, or its payment was given up; null while neither is decided. */
  readonly decidedAt: number | null;
}

/** A subscription at Stripe that names the session in its metadata. */
export interface LabelledSubscription {
  readonly stripeCustomerId: string;
  readonly stripePriceIds: readonly string[];
  /** Unix seconds, by Stripe's clock. */
  readonly created: number;
}

/** Seconds by which Stripe's clock and ours may differ. */
export const CLOCK_MARGIN = 600;
/** Seconds for which a request that was sent before the decision may still be carried out after it. */
const IN_FLIGHT = 3_600;

/**
 * Whether a subscription with the session's label was made by the session's own fulfillment. Anybody who may write metadata
 * can copy the label onto a subscription of another origin, and that one must never be ended for it: so price, customer and
 * time of creation have to fit as well.
 */
export const isOfSession = (
  subscription: LabelledSubscription,
  expected: ExpectedSubscription,
): boolean =>
  expected.stripePriceId !== null && subscription.stripePriceIds.includes(expected.stripePriceId) &&
  isSinceOfSession(subscription, expected);

/** The same of one that may have come to another price since. */
export function isSinceOfSession(
  { stripeCustomerId, created }: LabelledSubscription,
  expected: ExpectedSubscription,
): boolean {
  const { payableSince, decidedAt } = expected;
  return stripeCustomerId === expected.stripeCustomerId &&
    payableSince !== null && created >= payableSince - CLOCK_MARGIN &&
    (decidedAt === null || created <= decidedAt + IN_FLIGHT);
}
