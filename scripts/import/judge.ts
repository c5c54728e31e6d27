import type Stripe from "stripe";
import type { SubscriptionFacts } from "../../shared/domain/facts.ts";
import { subscriptionFacts } from "../../shared/stripe/facts.ts";
import { idOf } from "../../shared/stripe/ids.ts";
import { type BilledSubscription, hasEnded } from "../../shared/stripe/subscriptions.ts";
import type { Held } from "./claims.ts";
import type { Reason } from "./left.ts";

/** A subscription of a person as Stripe has it; undefined where it has none such. */
export interface Seen extends Held {
  readonly atStripe: BilledSubscription | undefined;
  /** Its label names a checkout here, which sees to it. */
  readonly isOfCheckout: boolean;
}

/** What can be taken in, with what the database keeps of it. */
export interface Fit extends Held {
  readonly facts: SubscriptionFacts;
  readonly atStripe: BilledSubscription;
}

export interface Judged {
  /** Living ones first, the oldest of them at the head: of two for one product the first is taken. */
  readonly fits: readonly Fit[];
  readonly unfit: readonly (Held & { readonly reason: Reason; readonly detail?: string })[];
  /** Never paid and given up, or ended and of a price that is sold no more: nothing to keep working, and nothing to know. */
  readonly ended: readonly Held[];
}

/**
 * What becomes of one person's subscriptions.
 *
 * @param stripeCustomerId what the old rows say, or else whose Stripe has their subscriptions as
 * @param prices Stripe's ids of the prices in the catalogue
 */
export function judge(
  seen: readonly Seen[],
  stripeCustomerId: string | null,
  prices: ReadonlySet<string>,
): Judged {
  const fits: Fit[] = [];
  const unfit: (Held & { reason: Reason; detail?: string })[] = [];
  const ended: Held[] = [];
  for (const { id, stripeId, atStripe, isOfCheckout } of seen) {
    const leave = (reason: Reason, detail?: string) => {
      unfit.push({ id, stripeId, reason, ...(detail === undefined ? {} : { detail }) });
    };
    if (atStripe === undefined) leave("not_at_stripe");
    else if (isOfCheckout) leave("of_a_checkout");
    else if (idOf(atStripe.customer) !== stripeCustomerId) {
      leave("other_customer_at_stripe", idOf(atStripe.customer));
    } else if (atStripe.status === "incomplete") leave("incomplete");
    else if (atStripe.status === "incomplete_expired") ended.push({ id, stripeId });
    else {
      const sold = pricesOf(atStripe);
      const matches = sold.filter((price) => prices.has(price));
      const [stripePriceId, another] = matches;
      if (stripePriceId === undefined) {
        if (hasEnded(atStripe)) ended.push({ id, stripeId });
        else leave("price_unknown", sold.join(", "));
      } else if (another !== undefined) leave("several_prices", matches.join(", "));
      else {
        fits.push({
          id,
          stripeId,
          atStripe,
          facts: subscriptionFacts(atStripe, { stripePriceId }),
        });
      }
    }
  }
  const rank = ({ atStripe }: Fit) => hasEnded(atStripe) ? 2 : isPaid(atStripe) ? 0 : 1;
  return {
    fits: fits.toSorted((one, other) =>
      rank(one) - rank(other) || one.atStripe.created - other.atStripe.created
    ),
    unfit,
    ended,
  };
}

const isPaid = ({ status }: Stripe.Subscription) => status === "active" || status === "trialing";

const pricesOf = ({ items }: Stripe.Subscription): string[] => [
  ...new Set(items.data.map(({ price }) => price.id)),
];
