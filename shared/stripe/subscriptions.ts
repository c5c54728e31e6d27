import type Stripe from "stripe";
import type { FulfillmentPlan } from "../domain/plans.ts";
import { feePercent } from "../domain/application-fee.ts";
import { stripeMetadata } from "../domain/metadata.ts";
import {
  isOfSession,
  isSinceOfSession,
  type LabelledSubscription,
} from "../domain/session-subscription.ts";
import { isCustomerGone } from "./errors.ts";
import { idOf } from "./ids.ts";
import { type Account, onAccount } from "./account.ts";
import { isReplay, read, writeOrRefuse } from "./write.ts";

export const hasEnded = ({ status }: Stripe.Subscription) =>
  status === "canceled" || status === "incomplete_expired";

/**
 * Whether it is on a connected account and was made by no application (package: Subscription.application): "Your platform can't update or
 * cancel a subscription that it didn't create" (https://docs.stripe.com/connect/subscriptions). Our application's id is not known here:
 * what another has made is told by Stripe's refusal.
 */
export const isMerchantsOwn = ({ application }: Stripe.Subscription, account: Account): boolean =>
  account !== null && application === null;

/** What tells whether a labeled subscription is a session's own. */
export const labelOf = (subscription: Stripe.Subscription): LabelledSubscription => ({
  stripeCustomerId: idOf(subscription.customer),
  stripePriceIds: subscription.items.data.map(({ price }) => price.id),
  created: subscription.created,
});

const living = (found: readonly BilledSubscription[]): BilledSubscription | undefined =>
  found.find((one) => !hasEnded(one)) ?? found.at(-1);

const hasPrice =
  ({ stripePriceId }: Pick<FulfillmentPlan, "stripePriceId">) => (one: Stripe.Subscription) =>
    labelOf(one).stripePriceIds.includes(stripePriceId);

/** A subscription with the invoice that it was made with. */
export type BilledSubscription = Stripe.Subscription & {
  readonly latest_invoice: Stripe.Invoice | null;
};

const WITH_INVOICE = "latest_invoice";

function billed(subscription: Stripe.Subscription): BilledSubscription {
  const { latest_invoice: invoice } = subscription;
  if (typeof invoice === "string") {
    throw new Error(`subscription ${subscription.id} was read without its invoice`);
  }
  return { ...subscription, latest_invoice: invoice };
}

/** The calls about subscriptions. Each can be repeated, after a crash and after Stripe has pruned its keys. */
export interface Subscriptions {
  /** With all of its items. */
  retrieve(id: string, account: Account): Promise<BilledSubscription>;
  /** The session's own, oldest first; none of a customer who was deleted, for Stripe has ended all of theirs. */
  listOf(plan: FulfillmentPlan, customer: string): Promise<BilledSubscription[]>;
  /**
   * The session's subscription, with its first invoice open: found where it exists, else made. Stripe tries no card for
   * it and makes it active once the invoice is paid (`default_incomplete`,
   * https://docs.stripe.com/api/subscriptions/create#create_subscription-payment_behavior); unpaid, it is over after 23
   * hours. Every parameter is frozen in our row, none depends on when this runs: whoever comes second sends the same
   * request, and Stripe replays the first one's answer.
   *
   * @param couponId of the session's discount
   */
  findOrCreate(
    plan: FulfillmentPlan,
    customer: string,
    couponId: string | undefined,
  ): Promise<BilledSubscription>;
  /** Ends a subscription at once, without a credit or a last invoice. */
  cancel(id: string, account: Account): Promise<Stripe.Subscription>;
}

export function subscriptions(stripe: Stripe): Subscriptions {
  /**
   * The session's own among the customer's, oldest first. Listing by customer is consistent at once; Stripe's search is not.
   */
  const listOf = (
    plan: FulfillmentPlan,
    customer: string,
    isOf = isOfSession,
  ): Promise<BilledSubscription[]> =>
    read(async () => {
      const found: BilledSubscription[] = [];
      const pages = stripe.subscriptions.list(
        { customer, status: "all", limit: 100, expand: [`data.${WITH_INVOICE}`] },
        onAccount(plan.stripeAccountId),
      );
      for await (const one of pages) {
        const isOwn = one.metadata["checkout_session_id"] === plan.sessionId &&
          isOf(labelOf(one), {
            stripeCustomerId: customer,
            stripePriceId: plan.stripePriceId,
            payableSince: plan.payableSince,
            decidedAt: plan.decidedAt,
          });
        if (isOwn) found.unshift(billed(one));
      }
      return found;
    });

  /** With all of its items: Stripe embeds ten of a list. */
  const retrieve = (id: string, account: Account): Promise<BilledSubscription> =>
    read(async () => {
      const options = onAccount(account);
      const seen = billed(
        await stripe.subscriptions.retrieve(id, { expand: [WITH_INVOICE] }, options),
      );
      if (!seen.items.has_more) return seen;
      const data: Stripe.SubscriptionItem[] = [];
      for await (
        const item of stripe.subscriptionItems.list({ subscription: id, limit: 100 }, options)
      ) data.push(item);
      return { ...seen, items: { ...seen.items, data, has_more: false } };
    });

  return {
    retrieve,

    async listOf(plan, customer) {
      try {
        return await listOf(plan, customer);
      } catch (error) {
        if (isCustomerGone(error)) return [];
        throw error;
      }
    },

    async findOrCreate(plan, customer, couponId) {
      if (plan.keysMayBeGone) {
        // Made by a run that is forgotten here, it may have been changed since; no other bears the label before the first was made.
        const all = await listOf(plan, customer, isSinceOfSession);
        const found = living(all.filter(hasPrice(plan))) ?? living(all);
        if (found !== undefined) return found;
      }
      const parameters: Stripe.SubscriptionCreateParams = {
        customer,
        // The merchant's price may have more than one, of which Stripe would choose (package: Price.currency_options).
        currency: plan.currency,
        items: [{ price: plan.stripePriceId, quantity: plan.quantity }],
        payment_behavior: "default_incomplete",
        default_payment_method: plan.stripePaymentMethodId,
        ...(plan.trialDays === 0 ? {} : {
          trial_period_days: plan.trialDays,
          // Without a card at its end a trial is over, and nothing is owed.
          trial_settings: { end_behavior: { missing_payment_method: "cancel" } },
        }),
        ...(couponId === undefined ? {} : { discounts: [{ coupon: couponId }] }),
        ...(plan.tax && { automatic_tax: { enabled: true } }),
        metadata: stripeMetadata(plan),
        ...(plan.stripeAccountId === null || plan.applicationFeeBps === 0
          ? {}
          : { application_fee_percent: feePercent(plan.applicationFeeBps) }),
        expand: [WITH_INVOICE],
      };
      const made = await writeOrRefuse<Stripe.Subscription>({
        account: plan.stripeAccountId,
        // Not hashed: other parameters, whatever brought them about, are to be refused and never to make a second one. Of a
        // customer who was deleted, and so of another's key, Stripe has ended all subscriptions.
        idempotencyKey: `subscription:${plan.sessionId}:${customer}`,
        run: (keyed) => stripe.subscriptions.create(parameters, keyed),
        find: async () => living(await listOf(plan, customer)),
      });
      return isReplay(made) ? retrieve(made.id, plan.stripeAccountId) : billed(made);
    },

    cancel: (id, account) =>
      writeOrRefuse<Stripe.Subscription>({
        account,
        idempotencyKey: `surplus:${id}`,
        run: (keyed) =>
          stripe.subscriptions.cancel(id, { prorate: false, invoice_now: false }, keyed),
        find: async () => {
          const seen = await read(() => stripe.subscriptions.retrieve(id, {}, onAccount(account)));
          return hasEnded(seen) ? seen : undefined;
        },
      }),
  };
}
