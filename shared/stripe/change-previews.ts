import type Stripe from "stripe";
import type { ChangePreview } from "../domain/plans.ts";
import { changeAmounts, invoiceAmounts } from "../domain/invoice-amounts.ts";
import { CheckoutError } from "../runtime/errors.ts";
import type { Account } from "./account.ts";
import { endsTooEarly, isBilledHere, isOwed, isPaidFor, proratedAtOf } from "./change-rules.ts";
import type { Previews } from "./previews.ts";
import { hasEnded } from "./subscriptions.ts";

/** A change that a customer asks for. */
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

/** What a change would cost now. Throws what begin_checkout would answer where Stripe is ahead of our row. */
export const changePreview = (
  retrieve: (id: string, account: Account) => Promise<Stripe.Subscription>,
  previews: Previews,
) =>
async (change: ChangeToPreview): Promise<ChangePreview> => {
  const { stripeSubscriptionId: id, stripeAccountId: account, toStripePriceId } = change;
  const subscription = await retrieve(id, account);
  if (hasEnded(subscription)) throw new CheckoutError("subscription_ended");
  const isPaused = subscription.status === "paused";
  if (!isPaidFor(subscription) && !isPaused) throw new CheckoutError("payment_overdue");
  if (isPaused || !isBilledHere(subscription, account)) {
    throw new CheckoutError("change_unavailable");
  }
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
  if (isOwed(subscription)) throw new CheckoutError("payment_overdue");
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
};
