import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { addMonths } from "../support/calendar.ts";
import { DAY, openClockStack } from "../support/clock-stack.ts";

const { openShop } = await openClockStack();
const shop = await openShop();

interface Price {
  readonly priceId: string;
  /** Minor units a period. */
  readonly amount: number;
  /** Of a period. */
  readonly months: number;
}
const { productId } = shop.pro;
const priced = async (amount: number, interval: "month" | "year"): Promise<Price> => ({
  ...await shop.sell("Plan", { productId, amount, interval }),
  amount,
  months: interval === "year" ? 12 : 1,
});
const prices = {
  basic: await priced(1_000, "month"),
  pro: await priced(2_900, "month"),
  crew: await priced(7_700, "month"),
  basicYear: await priced(9_900, "year"),
  crewYear: await priced(70_000, "year"),
};
type Plan = keyof typeof prices;

/** From one instant on, a plan is had in periods of this rhythm, one of which ends at `anchor`. Unix seconds. */
interface Span {
  readonly plan: Plan;
  readonly from: number;
  readonly anchor: number;
}

/** What a plan costs from one instant to another: of each of its periods the share that lies between them. */
function cost({ plan, anchor }: Span, from: number, to: number): number {
  const { amount, months } = prices[plan];
  let [index, total] = [-1, 0];
  while (addMonths(anchor, index * months) > from) index -= 1;
  for (; addMonths(anchor, index * months) < to; index += 1) {
    const [start, end] = [
      addMonths(anchor, index * months),
      addMonths(anchor, (index + 1) * months),
    ];
    const share = Math.max(0, Math.min(to, end) - Math.max(from, start)) / (end - start);
    total += amount * share;
  }
  return total;
}

/** What a customer with these plans has to have paid by now: all that was had, and the running period to its end. */
function owed(spans: readonly Span[], now: number): number {
  return spans.reduce((total, span, index) => {
    const next = spans[index + 1];
    if (next !== undefined) return total + cost(span, span.from, next.from);
    const { months } = prices[span.plan];
    let end = span.anchor;
    while (end <= now) end = addMonths(end, months);
    return total + cost(span, span.from, end);
  }, 0);
}

interface Life {
  readonly user: string;
  readonly first: CreateResponse;
  readonly subscriptionId: string;
  readonly stripeId: string;
  readonly customer: string;
  readonly spans: Span[];
}

const itemOf = async (stripeId: string) => {
  const { items: { data: [item] } } = await shop.stripe.subscriptions.retrieve(stripeId);
  if (item === undefined) throw new Error("there is no item");
  return item;
};

async function begin(plan: Plan): Promise<Life> {
  const user = randomUUID();
  const first = await shop.create({ user, priceId: prices[plan].priceId });
  const { subscriptionId = "" } = await shop.pay(first);
  const { stripe_subscription_id: stripeId } = await shop.one<{ stripe_subscription_id: string }>(
    "select stripe_subscription_id from billing.subscriptions where id = $1",
    [subscriptionId],
  );
  const { customer } = await shop.stripe.subscriptions.retrieve(stripeId);
  if (typeof customer !== "string") throw new Error("the customer came expanded");
  const anchor = (await itemOf(stripeId)).current_period_end;
  const from = addMonths(anchor, -prices[plan].months);
  return { user, first, subscriptionId, stripeId, customer, spans: [{ plan, from, anchor }] };
}

async function change(life: Life, plan: Plan): Promise<void> {
  const { user, subscriptionId, stripeId, spans } = life;
  const before = spans.at(-1);
  if (before === undefined || before.plan === plan) return;
  const token = await shop.token(user);
  const session = await shop.client.create(token, {
    priceId: prices[plan].priceId,
    existingSubscriptionId: subscriptionId,
  });
  const from = await now();
  if (session.clientSecret === "") await shop.client.confirmFree(token, session.id);
  else await shop.pay(session);
  const item = await itemOf(stripeId);
  const restarts = prices[before.plan].months !== prices[plan].months;
  spans.push({ plan, from, anchor: restarts ? item.current_period_start : before.anchor });
}

const now = async () => {
  const { created } = await shop.stripe.customers.create({ name: "The clock" });
  return created;
};

/** What the customer has paid and has not in credit. */
async function paidFor({ first, customer, stripeId }: Life): Promise<number> {
  const { data } = await shop.stripe.charges.list({ customer, limit: 100 });
  const charged = data.filter((charge) => charge.paid)
    .reduce((total, charge) => total + charge.amount - charge.amount_refunded, first.totalAmount);
  const found = await shop.stripe.customers.retrieve(customer);
  const balance = found.deleted === true ? 0 : found.balance;
  const { data: waiting } = await shop.stripe.invoiceItems.list({ customer, pending: true });
  const { data: drafts } = await shop.stripe.invoices.list({ subscription: stripeId });
  const unpaid = drafts.filter(({ status }) => status === "draft" || status === "open");
  expect(unpaid).toEqual([]);
  return charged + balance + waiting.reduce((total, { amount }) => total + amount, 0);
}

/**
 * Days to wait, then a plan to change to. No two moments are a month apart: an invoice is a draft for its first hour, and the
 * books are read when none is.
 */
type Step = readonly [number, Plan];
const lives: readonly (readonly [Plan, readonly Step[]])[] = [
  ["basic", [[3, "pro"], [10, "crew"], [25, "basic"], [38, "pro"]]],
  ["crew", [[3, "basic"], [10, "pro"], [25, "crew"], [38, "basic"]]],
  ["pro", [[3, "crewYear"], [10, "basic"], [25, "crew"], [38, "crewYear"]]],
  ["pro", [[3, "pro"], [10, "basicYear"], [25, "crewYear"], [38, "crew"]]],
  ["crewYear", [[3, "basicYear"], [10, "crewYear"], [25, "pro"], [38, "basicYear"]]],
  ["basicYear", [[3, "basic"], [10, "crewYear"], [25, "crewYear"], [38, "crew"]]],
];

describe("whatever plans a customer has had", () => {
  it("each was paid for as long as it was had, once, and the running period to its end", async () => {
    const all: Life[] = [];
    for (const [plan] of lives) all.push(await begin(plan));
    const settle = async (days: number) => {
      await shop.admin("POST", "/clock/advance", { seconds: days * DAY });
      await shop.idle();
      const at = await now();
      for (const [index, life] of all.entries()) {
        const difference = await paidFor(life) - owed(life.spans, at);
        // Each proration is rounded to a minor unit; a step is seconds long, and the dearest plan costs a third a minute.
        expect(Math.abs(difference), `life ${index + 1} after ${life.spans.length} plans`)
          .toBeLessThan(3 * life.spans.length);
      }
    };
    for (let step = 0; step < 4; step += 1) {
      await settle(lives[0]?.[1][step]?.[0] ?? 0);
      for (const [index, life] of all.entries()) {
        await change(life, lives[index]?.[1][step]?.[1] ?? "pro");
      }
    }
    await settle(20);
    await settle(45);
  });
});
