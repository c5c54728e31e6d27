import type Stripe from "stripe";
import type { ChangePlan, ChangePreview } from "../domain/plans.ts";
import { type Account, onAccount } from "./account.ts";
import { changePreview, type ChangeToPreview } from "./change-previews.ts";
import {
  billsAtOnce,
  CHANGED_BY,
  isAnothers,
  isAsPreviewed,
  isDone,
  isFree,
  isNamed,
  isOverPaid,
  isPaidBy,
  parametersOf,
} from "./change-rules.ts";
import { found, StripeRefusal, unlessRefused } from "./errors.ts";
import { idOf } from "./ids.ts";
import type { Previews } from "./previews.ts";
import { hasEnded } from "./subscriptions.ts";
import { read, writeOrRefuse } from "./write.ts";

/** What a change came to at Stripe. */
export type Applied =
  /** Made; its invoice, where it has one, is to be compared and paid. */
  | { readonly outcome: "applied"; readonly invoice: Stripe.Invoice | null }
  /** The subscription is no longer as it was previewed, or would cost another amount: it was left alone. */
  | { readonly outcome: "superseded" };

/** The calls that move a subscription to another price. */
export interface SubscriptionChanges {
  /** What the change would cost now. Throws what begin_checkout would answer where Stripe is ahead of our row. */
  preview(change: ChangeToPreview): Promise<ChangePreview>;
  /**
   * Makes the change, once, without charging anything: what it bills is left open (`default_incomplete`,
   * https://docs.stripe.com/api/subscriptions/update#update_subscription-payment_behavior). Asked first what it comes to
   * now, by the parameters that it is then made with.
   */
  apply(plan: ChangePlan): Promise<Applied>;
  /** The invoice of a change that was made; null where it was not, or made none. */
  madeInvoice(plan: ChangePlan): Promise<Stripe.Invoice | null>;
  /**
   * Takes a change back that was made and is not paid for, so far as Stripe lets it: the price as it was, nothing
   * credited or charged. Answers why Stripe refused, if it did.
   */
  revert(plan: ChangePlan): Promise<StripeRefusal | undefined>;
}

export function subscriptionChanges(stripe: Stripe, previews: Previews): SubscriptionChanges {
  const retrieve = (id: string, account: Account) =>
    read(() =>
      stripe.subscriptions.retrieve(id, { expand: ["latest_invoice"] }, onAccount(account))
    );

  /** Undefined where the new price does not suit the subscription any more. */
  const amountDue = async (plan: ChangePlan): Promise<number | undefined> => {
    if (plan.proratedAt === null) return 0;
    // Refused where a new period has begun, say, so that there is nothing to prorate as of that instant.
    const invoice = await unlessRefused(previews.change({
      stripeSubscriptionId: plan.stripeSubscriptionId,
      itemId: plan.stripeItemId,
      stripePriceId: plan.toStripePriceId,
      quantity: plan.quantity,
      proratedAt: plan.proratedAt,
      restarts: plan.restarts,
    }, plan.stripeAccountId));
    return invoice?.amount_due;
  };

  /** The invoices of changes since this one was previewed, newest first. */
  async function* changeInvoices(plan: ChangePlan): AsyncGenerator<Stripe.Invoice> {
    const pages = stripe.invoices.list(
      {
        subscription: plan.stripeSubscriptionId,
        created: { gte: plan.proratedAt ?? 0 },
        limit: 100,
      },
      onAccount(plan.stripeAccountId),
    );
    for await (const one of pages) if (one.billing_reason === "subscription_update") yield one;
  }

  /** The invoice that a change has made which an earlier run sent; null where it made none. */
  const madeInvoice = (plan: ChangePlan): Promise<Stripe.Invoice | null> =>
    read(async () => {
      // Nobody else's change is made meanwhile: one that is open is this one's, also where it is for another amount.
      let alike: Stripe.Invoice | null = null;
      for await (const one of changeInvoices(plan)) {
        if (isNamed(one, plan)) return one;
        if (isFree(one, plan) && (one.status === "open" || isOverPaid(one, plan))) alike = one;
      }
      return alike;
    });

  /** The invoice that the payment of a change has paid already; null where it paid none. */
  const paidInvoice = (plan: ChangePlan): Promise<Stripe.Invoice | null> =>
    read(async () => {
      for await (const one of changeInvoices(plan)) if (isPaidBy(one, plan)) return one;
      return null;
    });

  const applied = async (plan: ChangePlan) =>
    ({
      outcome: "applied",
      invoice: billsAtOnce(plan) ? await madeInvoice(plan) : null,
    }) as const;

  return {
    preview: changePreview(retrieve, previews),

    async apply(plan) {
      const { stripeSubscriptionId: id, stripeAccountId: account } = plan;
      const subscription = await found(retrieve(id, account));
      if (subscription === undefined) return { outcome: "superseded" };
      if (isDone(subscription, plan)) return applied(plan);
      // Made, paid for, and followed by another change: the database was restored to a time before both.
      const before = isAnothers(subscription, plan) ? await paidInvoice(plan) : null;
      if (before !== null) return { outcome: "applied", invoice: before };
      if (!isAsPreviewed(subscription, plan) || await amountDue(plan) !== plan.paid) {
        // Made by another run since it was read, it comes to another amount too.
        const seen = await found(retrieve(id, account));
        return seen !== undefined && isDone(seen, plan) ? applied(plan) : { outcome: "superseded" };
      }
      const made = await writeOrRefuse<Stripe.Subscription>({
        account,
        // Not hashed: other parameters are to be refused, so that the change is never made, nor credited, twice.
        idempotencyKey: `change:${plan.sessionId}`,
        run: (keyed) => stripe.subscriptions.update(id, parametersOf(plan), keyed),
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

    async madeInvoice(plan) {
      const subscription = await found(
        retrieve(plan.stripeSubscriptionId, plan.stripeAccountId),
      );
      if (subscription === undefined || !isDone(subscription, plan)) return null;
      return (await applied(plan)).invoice;
    },

    async revert(plan) {
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
          account,
          idempotencyKey: `revert:${plan.sessionId}`,
          run: (keyed) =>
            stripe.subscriptions.update(id, {
              items: [{
                id: plan.stripeItemId,
                price: plan.fromStripePriceId,
                quantity: plan.quantity,
              }],
              proration_behavior: "none",
              payment_behavior: "default_incomplete",
              metadata: { [CHANGED_BY]: "" },
            }, keyed),
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
