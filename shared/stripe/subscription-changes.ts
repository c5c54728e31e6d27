import type Stripe from "stripe";
import type { ChangePlan, ChangePreview } from "../database/rows.ts";
import { overcredit } from "../domain/overcredit.ts";
import { CheckoutError } from "../errors.ts";
import { isGone } from "./errors.ts";
import { type Account, onAccount } from "./payment-intents.ts";
import { read, writeOrRefuse } from "./write.ts";

export interface ChangeToPreview {
  readonly stripeSubscriptionId: string;
  /** Of the new price. */
  readonly stripePriceId: string;
  /** Whether tax comes on top of the figures. */
  readonly taxed: boolean;
  /** Minor units that the first period was paid with less. */
  readonly firstDiscount: number;
  readonly stripeAccountId: Account;
}

/** In the subscription's metadata: the session whose change was the last to be made. */
const CHANGED_BY = "price_change_session_id";

/** The calls that move a subscription to another price. */
export function subscriptionChanges(stripe: Stripe) {
  const retrieve = (id: string, account: Account) =>
    read(() => stripe.subscriptions.retrieve(id, {}, onAccount(account)));

  return {
    /** What the change would cost now. Throws what begin_checkout would answer where Stripe is ahead of our row. */
    async preview(change: ChangeToPreview): Promise<ChangePreview> {
      const { stripeSubscriptionId: id, stripePriceId, stripeAccountId: account } = change;
      const subscription = await retrieve(id, account);
      const item = itemOf(subscription);
      if (hasEnded(subscription)) throw new CheckoutError("subscription_ended");
      if (!isPaidFor(subscription)) throw new CheckoutError("payment_overdue");
      if (item.price.id === stripePriceId) throw new CheckoutError("already_on_price");
      const quantity = item.quantity ?? 1;
      const known = {
        itemId: item.id,
        stripePriceId: item.price.id,
        quantity,
        periodStart: item.current_period_start,
        trialing: subscription.status === "trialing",
      };
      if (known.trialing) return { ...known, ...nothingToProrate };
      const invoice = await read(() =>
        stripe.invoices.createPreview({
          subscription: id,
          subscription_details: {
            items: [{ id: item.id, price: stripePriceId, quantity }],
            proration_behavior: "always_invoice",
          },
        }, onAccount(account))
      );
      return { ...known, ...figuresOf(invoice, change, unknownDiscount(subscription, change)) };
    },

    /**
     * Makes the change, once, without charging again for what the intent has paid. False where the subscription is no
     * longer as it was previewed: then it is left alone.
     */
    async apply(plan: ChangePlan): Promise<boolean> {
      const { stripeSubscriptionId: id, stripeAccountId: account } = plan;
      const subscription = await found(retrieve(id, account));
      if (subscription === undefined) return false;
      if (isDone(subscription, plan)) return true;
      if (!isAsPreviewed(subscription, plan)) return false;
      const parameters = parametersOf(plan, itemOf(subscription));
      await writeOrRefuse<Stripe.Subscription>({
        // Not hashed: the period may have been renewed since a first try. Stripe then refuses other parameters, and looking
        // comes before the next key, so that the change is never made, nor credited, twice.
        idempotencyKey: `change:${plan.sessionId}`,
        run: (key) =>
          stripe.subscriptions.update(id, parameters, {
            ...onAccount(account),
            idempotencyKey: key,
          }),
        find: async () => {
          const seen = await retrieve(id, account);
          return isDone(seen, plan) ? seen : undefined;
        },
      });
      return true;
    },
  };
}

export type SubscriptionChanges = ReturnType<typeof subscriptionChanges>;

const nothingToProrate = {
  restarts: false,
  proratedAt: null,
  stripeProductId: null,
  credited: 0,
  charged: 0,
  overcredited: 0,
};

const isDone = (subscription: Stripe.Subscription, { sessionId }: ChangePlan) =>
  subscription.metadata[CHANGED_BY] === sessionId;

const hasEnded = ({ status }: Stripe.Subscription) =>
  status === "canceled" || status === "incomplete_expired";

const isPaidFor = ({ status }: Stripe.Subscription) => status === "active" || status === "trialing";

/** What was taken off the running period where Stripe does not know it: of one that Stripe has billed, nothing. */
function unknownDiscount(
  subscription: Stripe.Subscription,
  { firstDiscount }: ChangeToPreview,
): Discounted {
  const { price, quantity = 1, current_period_start: start } = itemOf(subscription);
  const isFirst = start === subscription.start_date && subscription.discounts.length === 0;
  return {
    discount: isFirst ? firstDiscount : 0,
    whole: (price.unit_amount ?? 0) * quantity,
  };
}

interface Discounted {
  readonly discount: number;
  /** Of the period, in minor units. */
  readonly whole: number;
}

function itemOf(subscription: Stripe.Subscription): Stripe.SubscriptionItem {
  const [item] = subscription.items.data;
  if (item === undefined) throw new Error(`subscription ${subscription.id} has no item`);
  return item;
}

async function found<T>(retrieved: Promise<T>): Promise<T | undefined> {
  try {
    return await retrieved;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/**
 * Whether what the customer saw still holds. A paid change holds also when the period has been renewed in between: what
 * the renewal charged is credited, see `parametersOf`.
 */
function isAsPreviewed(subscription: Stripe.Subscription, plan: ChangePlan): boolean {
  const item = itemOf(subscription);
  return isPaidFor(subscription) &&
    item.price.id === plan.fromStripePriceId &&
    (item.quantity ?? 1) === plan.quantity &&
    (subscription.status === "trialing") === plan.trialing &&
    (plan.paid > 0 || item.current_period_start === plan.periodStart);
}

/** What an item's change needs to be billed as it was previewed, less what the intent has paid. */
function parametersOf(
  plan: ChangePlan,
  item: Stripe.SubscriptionItem,
): Stripe.SubscriptionUpdateParams {
  const common: Stripe.SubscriptionUpdateParams = {
    items: [{ id: item.id, price: plan.toStripePriceId, quantity: plan.quantity }],
    metadata: { [CHANGED_BY]: plan.sessionId },
    ...(plan.stripePaymentMethodId === null
      ? {}
      : { default_payment_method: plan.stripePaymentMethodId }),
  };
  const { proratedAt } = plan;
  if (proratedAt === null) return { ...common, proration_behavior: "none" };
  const renewed = item.current_period_start > proratedAt;
  // Stripe prorates within the running period alone. What was paid reaches to the old one's end, so that from there on the
  // new price is charged and the old one, which the renewal has billed, is credited.
  const dated = {
    ...common,
    proration_date: renewed ? item.current_period_start : proratedAt,
  };
  // The credit counts toward the next invoice; one of a new rhythm is made at once.
  const neverPaid = renewed ? [] : overcreditOf(plan, item);
  if (plan.paid === 0) {
    return { ...dated, proration_behavior: "create_prorations", ...added(neverPaid) };
  }
  if (!plan.restarts) {
    return renewed
      ? { ...dated, proration_behavior: "create_prorations" }
      : { ...common, proration_behavior: "none" };
  }
  // Another rhythm begins a new period, which Stripe bills at once whatever it is told. The same request credits what was
  // paid, so that its invoice comes to nothing.
  return {
    ...dated,
    proration_behavior: "always_invoice",
    // What was paid has the tax in it, which was reported with the payment.
    ...added([addedItem(plan, -plan.paid, "inclusive"), ...neverPaid]),
  };
}

type AddedItem = Stripe.SubscriptionUpdateParams.AddInvoiceItem;

const added = (items: AddedItem[]) => items.length === 0 ? {} : { add_invoice_items: items };

/** Takes back what Stripe's credit is beyond what was paid, taxed as the credit is. */
function overcreditOf(plan: ChangePlan, { price }: Stripe.SubscriptionItem): AddedItem[] {
  if (plan.overcredited === 0) return [];
  const taxed = price.tax_behavior === "inclusive" ? "inclusive" : "exclusive";
  return [addedItem(plan, plan.overcredited, taxed)];
}

const addedItem = (
  plan: ChangePlan,
  amount: number,
  taxBehavior: "inclusive" | "exclusive",
): AddedItem => ({
  price_data: {
    currency: plan.currency,
    product: productOf(plan),
    tax_behavior: taxBehavior,
    unit_amount: amount,
  },
  discountable: false,
  metadata: { checkout_session_id: plan.sessionId },
});

function productOf({ stripeProductId, sessionId }: ChangePlan): string {
  if (stripeProductId === null) throw new Error(`session ${sessionId} has no product to credit`);
  return stripeProductId;
}

/** The part of the previewed invoice that the change makes: other lines are due without it too. */
function figuresOf(
  invoice: Stripe.Invoice,
  { stripePriceId, taxed }: ChangeToPreview,
  running: Discounted,
): Omit<ChangePreview, "itemId" | "stripePriceId" | "quantity" | "periodStart" | "trialing"> {
  const proratedAt = invoice.parent?.subscription_details?.subscription_proration_date;
  const { data: lines, has_more: hasMore } = invoice.lines;
  if (proratedAt === undefined || hasMore) {
    throw new Error("the preview does not tell the change's own part");
  }
  const own = lines.filter(({ period }) => period.start === proratedAt);
  const begun = own.filter((line) => !isProration(line) && priceOf(line) === stripePriceId);
  const prorations = own.filter(isProration);
  const due = [...prorations, ...begun].map((line) => ({
    line,
    amount: netOf(line) + (taxed ? 0 : taxOf(line)),
  }));
  const product = due.find(({ line }) => priceOf(line) === stripePriceId)?.line
    .pricing?.price_details?.product;
  const credits = due.filter(({ amount }) => amount < 0);
  const credited = 0 - sum(credits);
  const credit = 0 - sum(credits.map(({ line }) => ({ amount: netOf(line) })));
  const overcredited = overcredit({ ...running, credit, currency: invoice.currency });
  return {
    restarts: begun.length > 0,
    proratedAt,
    stripeProductId: product ?? null,
    // Of the figures' tax as much goes as of the credit.
    credited: credited - (credit === 0 ? 0 : Math.round((overcredited * credited) / credit)),
    overcredited,
    charged: sum(due.filter(({ amount }) => amount > 0)),
  };
}

const sum = (due: readonly { readonly amount: number }[]) =>
  due.reduce((total, { amount }) => total + amount, 0);

const isProration = ({ parent }: Stripe.InvoiceLineItem) =>
  (parent?.subscription_item_details ?? parent?.invoice_item_details)?.proration === true;

function priceOf({ pricing }: Stripe.InvoiceLineItem): string | undefined {
  const price = pricing?.price_details?.price;
  return typeof price === "string" ? price : price?.id;
}

const netOf = ({ amount, discount_amounts }: Stripe.InvoiceLineItem) =>
  amount - sum(discount_amounts ?? []);

/** The tax on top of a line's amount. */
const taxOf = ({ taxes }: Stripe.InvoiceLineItem) =>
  sum((taxes ?? []).filter(({ tax_behavior }) => tax_behavior === "exclusive"));
