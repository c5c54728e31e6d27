import type { Stripe } from "stripe";
import { customerWith, DAY, priceOf } from "./simulator.ts";
import type { Bench } from "./simulator.ts";

export const WEEK = 7 * DAY;
const WEEKLY = { recurring: { interval: "week" } } as const;

/** A subscription that is billed each week, 7000 unless told otherwise. */
export interface Subscribed {
  subscription: Stripe.Subscription;
  item: string;
  customer: string;
}

export const amounts = (invoice: Stripe.Invoice | undefined) =>
  invoice?.lines.data.map((line) => line.amount);

/** What tests of weekly subscriptions do with a bench. */
export function weeklyOn(bench: Bench) {
  async function subscribe(
    more: Partial<Stripe.SubscriptionCreateParams> = {},
    unit_amount = 7000,
  ): Promise<Subscribed> {
    const { customer, method } = await customerWith(bench.stripe);
    const price = await priceOf(bench.stripe, { ...WEEKLY, unit_amount });
    const subscription = await bench.stripe.subscriptions.create({
      customer,
      default_payment_method: method,
      items: [{ price: price.id }],
      ...more,
    });
    return { subscription, item: subscription.items.data[0]?.id ?? "", customer };
  }

  async function priced(unit_amount: number, interval: "week" | "month" = "week"): Promise<string> {
    return (await priceOf(bench.stripe, { unit_amount, recurring: { interval } })).id;
  }

  /** Half a week after the subscription's period began. */
  async function halfOf({ subscription }: Subscribed): Promise<number> {
    const start = subscription.items.data[0]?.current_period_start ?? 0;
    await bench.advance(start + WEEK / 2 - (await bench.now()));
    return start + WEEK / 2;
  }

  async function invoicesOf({ subscription }: Subscribed): Promise<Stripe.Invoice[]> {
    return (await bench.stripe.invoices.list({ subscription: subscription.id })).data;
  }

  return { subscribe, priced, halfOf, invoicesOf };
}
