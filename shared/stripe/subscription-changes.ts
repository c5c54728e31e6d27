import type Stripe from "stripe";
import type { ChangePlan, ChangePreview } from "../database/plans.ts";
import { changeAmounts, invoiceAmounts } from "../domain/invoice-amounts.ts";
import { CheckoutError } from "../runtime/errors.ts";
import { found, StripeRefusal } from "./errors.ts";
import { idOf } from "./ids.ts";
import { PAID_BY } from "./invoices.ts";
import { type Account, onAccount } from "./payment-intents.ts";
import type { Previews } from "./previews.ts";
import { hasEnded } from "./subscriptions.ts";
import { read, writeOrRefuse } from "./write.ts";

export interface ChangeToPreview {
  readonly stripeSubscriptionId: string;
  /** Of the price that the subscription has, by which its item is known. */
  readonly fromStripePriceId: string;
  readonly toStripePriceId: string;
  /** The new price's rhythm. */
  readonly interval: string;
  readonly intervalCount: number;
  readonly stripeAccountId: Account;
}

/** In the subscription's metadata: the session whose change was the last to be made. */
const CHANGED_BY = "price_change_session_id";

/** What a change came to at Stripe. */
export type Applied =
  /** Made; its invoice, where it has one, is to be compared and paid. */
  | { readonly outcome: "applied"; readonly invoice: Stripe.Invoice | null }
  /** The subscription is no longer as it was previewed, or would cost another amount: it was left alone. */
  | { readonly outcome: "superseded" };

/** The calls that move a subscription to another price. */
export function subscriptionChanges(stripe: Stripe, previews: Previews) {
  const retrieve = (id: string, account: Account) =>
    read(() =>
      stripe.subscriptions.retrieve(id, { expand: ["latest_invoice"] }, onAccount(account))
    );

  /** Undefined where the new price does not suit the subscription any more. */
  const amountDue = async (plan: ChangePlan): Promise<number | undefined> => {
    if (plan.proratedAt === null) return 0;
    try {
      const invoice = await previews.change({
        stripeSubscriptionId: plan.stripeSubscriptionId,
        itemId: plan.stripeItemId,
        stripePriceId: plan.toStripePriceId,
        quantity: plan.quantity,
        proratedAt: plan.proratedAt,
        restarts: plan.restarts,
      }, plan.stripeAccountId);
      return invoice.amount_due;
    } catch (error) {
      // A new period has begun, say, so that there is nothing to prorate as of that instant.
      if (error instanceof StripeRefusal) return undefined;
      throw error;
    }
  };

  /** The invoice that a change has made which an earlier run sent; null where it made none. */
  const madeInvoice = (plan: ChangePlan): Promise<Stripe.Invoice | null> =>
    read(async () => {
      const pages = stripe.invoices.list(
        {
          subscription: plan.stripeSubscriptionId,
          created: { gte: plan.proratedAt ?? 0 },
          limit: 100,
        },
        onAccount(plan.stripeAccountId),
      );
      // Nobody else's change is made meanwhile: one that is open is this one's, also where it is for another amount.
      let alike: Stripe.Invoice | null = null;
      for await (const one of pages) {
        if (one.billing_reason !== "subscription_update") continue;
        if (isNamed(one, plan)) return one;
        if (isFree(one, plan) && (one.status === "open" || isOverPaid(one, plan))) alike = one;
      }
      return alike;
    });

  const applied = async (plan: ChangePlan) =>
    ({
      outcome: "applied",
      invoice: billsAtOnce(plan) ? await madeInvoice(plan) : null,
    }) as const;

  return {
    /** What the change would cost now. Throws what begin_checkout would answer where Stripe is ahead of our row. */
    async preview(change: ChangeToPreview): Promise<ChangePreview> {
      const { stripeSubscriptionId: id, stripeAccountId: account, toStripePriceId } = change;
      const subscription = await retrieve(id, account);
      if (hasEnded(subscription)) throw new CheckoutError("subscription_ended");
      if (!isPaidFor(subscription)) throw new CheckoutError("payment_overdue");
      if (!isBilledHere(subscription)) throw new CheckoutError("change_unavailable");
      const { data } = subscription.items;
      if (data.some(({ price }) => price.id === toStripePriceId)) {
        throw new CheckoutError("already_on_price");
      }
      const item = data.find(({ price }) => price.id === change.fromStripePriceId);
      if (item === undefined) throw new CheckoutError("subscription_changed");
      const quantity = item.quantity ?? 1;
      const { recurring } = item.price;
      const known = {
        itemId: item.id,
        stripePriceId: item.price.id,
        quantity,
        trialing: subscription.status === "trialing",
      };
      if (known.trialing) return { ...known, ...nothingToProrate };
      const restarts = recurring?.interval !== change.interval ||
        recurring.interval_count !== change.intervalCount;
      if (endsTooEarly(subscription, item, restarts)) throw new CheckoutError("change_unavailable");
      const wanted = {
        stripeSubscriptionId: id,
        itemId: item.id,
        stripePriceId: toStripePriceId,
        quantity,
        restarts,
      };
      const now = await previews.change(wanted, account);
      const proratedAt = proratedAtOf(now);
      // Of a period that begins anew Stripe documents no instant of its own: shown is what the very parameters come to.
      const invoice = restarts ? await previews.change({ ...wanted, proratedAt }, account) : now;
      return {
        ...known,
        restarts,
        proratedAt,
        ...changeAmounts(invoice),
        ...invoiceAmounts(invoice),
      };
    },

    /**
     * Makes the change, once, without charging anything: what it bills is left open (`default_incomplete`,
     * https://docs.stripe.com/api/subscriptions/update#update_subscription-payment_behavior). Asked first what it comes to
     * now, by the parameters that it is then made with.
     */
    async apply(plan: ChangePlan): Promise<Applied> {
      const { stripeSubscriptionId: id, stripeAccountId: account } = plan;
      const subscription = await found(retrieve(id, account));
      if (subscription === undefined) return { outcome: "superseded" };
      if (isDone(subscription, plan)) return applied(plan);
      if (!isAsPreviewed(subscription, plan) || await amountDue(plan) !== plan.paid) {
        // Made by another run since it was read, it comes to another amount too.
        const seen = await found(retrieve(id, account));
        return seen !== undefined && isDone(seen, plan) ? applied(plan) : { outcome: "superseded" };
      }
      const made = await writeOrRefuse<Stripe.Subscription>({
        // Not hashed: other parameters are to be refused, so that the change is never made, nor credited, twice.
        idempotencyKey: `change:${plan.sessionId}`,
        run: (key) =>
          stripe.subscriptions.update(id, parametersOf(plan), {
            ...onAccount(account),
            idempotencyKey: key,
          }),
        find: async () => {
          const seen = await retrieve(id, account);
          return isDone(seen, plan) ? seen : undefined;
        },
      });
      const { latest_invoice: invoice } = made;
      const isNew = billsAtOnce(plan) && invoice !== null && typeof invoice !== "string" &&
        invoice.billing_reason === "subscription_update" &&
        invoice.id !== idOf(subscription.latest_invoice ?? "");
      return { outcome: "applied", invoice: isNew ? invoice : null };
    },

    /** The invoice of a change that was made; null where it was not, or made none. */
    async madeInvoice(plan: ChangePlan): Promise<Stripe.Invoice | null> {
      const subscription = await found(
        retrieve(plan.stripeSubscriptionId, plan.stripeAccountId),
      );
      if (subscription === undefined || !isDone(subscription, plan)) return null;
      return (await applied(plan)).invoice;
    },

    /**
     * Takes a change back that was made and is not paid for, so far as Stripe lets it: the price as it was, nothing
     * credited or charged. Answers why Stripe refused, if it did.
     */
    async revert(plan: ChangePlan): Promise<StripeRefusal | undefined> {
      const { stripeSubscriptionId: id, stripeAccountId: account } = plan;
      const subscription = await found(retrieve(id, account));
      // One that somebody has moved on to a third price is theirs.
      const isLeft = subscription !== undefined && isDone(subscription, plan) &&
        subscription.items.data.some(({ id: item, price }) =>
          item === plan.stripeItemId && price.id === plan.toStripePriceId
        );
      if (!isLeft || hasEnded(subscription)) return undefined;
      try {
        await writeOrRefuse<Stripe.Subscription>({
          idempotencyKey: `revert:${plan.sessionId}`,
          run: (key) =>
            stripe.subscriptions.update(id, {
              items: [{
                id: plan.stripeItemId,
                price: plan.fromStripePriceId,
                quantity: plan.quantity,
              }],
              proration_behavior: "none",
              payment_behavior: "default_incomplete",
              metadata: { [CHANGED_BY]: "" },
            }, { ...onAccount(account), idempotencyKey: key }),
          find: async () => {
            const seen = await retrieve(id, account);
            return isDone(seen, plan) ? undefined : seen;
          },
        });
        return undefined;
      } catch (error) {
        if (error instanceof StripeRefusal) return error;
        throw error;
      }
    },
  };
}

export type SubscriptionChanges = ReturnType<typeof subscriptionChanges>;

const nothingToProrate = {
  restarts: false,
  proratedAt: null,
  credited: 0,
  charged: 0,
  discountAmount: 0,
  taxAmount: 0,
  amountDue: 0,
  total: 0,
};

/** The instant of the figures, by Stripe's clock: with it the same prorations are made later. */
function proratedAtOf(invoice: Stripe.Invoice): number {
  return invoice.parent?.subscription_details?.subscription_proration_date ?? invoice.created;
}

const isDone = (subscription: Stripe.Subscription, { sessionId }: ChangePlan) =>
  subscription.metadata[CHANGED_BY] === sessionId;

const isPaidFor = ({ status }: Stripe.Subscription) => status === "active" || status === "trialing";

/**
 * Whether an invoice says that this change made it: it carries the subscription's metadata as of its finalization. Whether
 * those of the request which made it are in them is inferred, so that it is known without, too.
 */
const isNamed = ({ parent }: Stripe.Invoice, { sessionId }: ChangePlan) =>
  parent?.subscription_details?.metadata?.[CHANGED_BY] === sessionId;

/** Whether an invoice says of nobody else that it is theirs. */
const isFree = ({ metadata }: Stripe.Invoice, { stripePaymentIntentId: own }: ChangePlan) =>
  (metadata?.[PAID_BY] ?? own) === own;

const isOverPaid = ({ amount_due: due, currency }: Stripe.Invoice, plan: ChangePlan) =>
  due === plan.paid && currency === plan.currency;

/** Whether Stripe makes an open invoice of a change at once: not where it is sent, paused, scheduled or pending. */
const isBilledHere = (subscription: Stripe.Subscription) =>
  subscription.collection_method === "charge_automatically" &&
  subscription.pause_collection === null && subscription.schedule === null &&
  subscription.pending_update === null;

/**
 * Whether it ends before what a change of it is paid for. An end at a date stays where it is when a new period begins, unlike
 * one at the period's end: https://docs.stripe.com/changelog/basil/2025-07-30/cancel-at-enums
 */
const endsTooEarly = (
  { cancel_at: end, cancel_at_period_end: withPeriod }: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
  restarts: boolean,
) => end !== null && !withPeriod && (restarts || end < item.current_period_end);

/** Whether the subscription is still the one that the customer saw. */
function isAsPreviewed(subscription: Stripe.Subscription, plan: ChangePlan): boolean {
  const item = subscription.items.data.find(({ id }) => id === plan.stripeItemId);
  return isPaidFor(subscription) && isBilledHere(subscription) &&
    item?.price.id === plan.fromStripePriceId &&
    (plan.trialing || !endsTooEarly(subscription, item, plan.restarts)) &&
    (item.quantity ?? 1) === plan.quantity &&
    (subscription.status === "trialing") === plan.trialing;
}

function parametersOf(plan: ChangePlan): Stripe.SubscriptionUpdateParams {
  return {
    items: [{ id: plan.stripeItemId, price: plan.toStripePriceId, quantity: plan.quantity }],
    metadata: { [CHANGED_BY]: plan.sessionId },
    payment_behavior: "default_incomplete",
    ...(plan.stripePaymentMethodId === null
      ? {}
      : { default_payment_method: plan.stripePaymentMethodId }),
    ...prorationOf(plan),
    expand: ["latest_invoice"],
  };
}

/** Whether the change makes an invoice of its own. */
const billsAtOnce = ({ paid, restarts }: ChangePlan) => paid > 0 || restarts;

/** What is due is billed at once; where nothing is, credit and charge wait for the next invoice. */
function prorationOf(plan: ChangePlan): Stripe.SubscriptionUpdateParams {
  const { proratedAt, restarts } = plan;
  if (proratedAt === null) return { proration_behavior: "none" };
  return {
    proration_date: proratedAt,
    proration_behavior: billsAtOnce(plan) ? "always_invoice" : "create_prorations",
    // Stripe itself begins no new period when the rhythm changes:
    // https://docs.stripe.com/billing/subscriptions/billing-mode/compare
    ...(restarts ? { billing_cycle_anchor: { type: "now" } } : {}),
  };
}
