import { afterEach, describe, expect, it } from "vitest";
import { idOf, openClockShop } from "../support/clock-shop.ts";
import { DAY } from "../support/clock-stack.ts";
import { refusal } from "../support/shop.ts";

// Stripe credits time that was billed as if it were paid (https://docs.stripe.com/billing/subscriptions/prorations, Prorations and unpaid
// invoices), and a bank debit leaves a subscription active for the days that it takes.

const shop = await openClockShop();
const { stripe } = shop;
afterEach(() => shop.endAll());

const ACCOUNT = "pm_usBankAccount_success";
const HOUR = 3_600;
let products = 0;
const cheaper = await shop.sell("Cheaper", { amount: 1_000 });
const dearer = await shop.sell("Dearer", { amount: 9_000 });
const byTwoWeeks = await shop.sell("By-two-weeks", {
  amount: 3_000,
  interval: "week",
  intervalCount: 2,
});
const byTheWeek = await shop.sell("By-the-week", { amount: 500, interval: "week" });

/** Who pays a month by a bank debit, and whose second month begins now. */
async function renewing(user: string) {
  const { priceId } = await shop.sell(`Debited-${products++}`, { amount: 4_900 });
  const session = await shop.create({ priceId, user });
  await shop.pay(session, ACCOUNT);
  await shop.later(5 * DAY);
  const { id, items, customer } = await shop.subscriptionOf(session);
  await shop.later((items.data[0]?.current_period_end ?? 0) - await shop.now() + 60);
  return { user, session, id, customer: idOf(customer) };
}
type Renewing = Awaited<ReturnType<typeof renewing>>;

const change = async ({ user, session }: Renewing, priceId: string) => {
  const { subscription } = await shop.status(session);
  return shop.client.create(await shop.token(user), {
    priceId,
    existingSubscriptionId: subscription?.id,
  });
};
/** The bill of the running month. */
const bill = async ({ id }: Renewing) => {
  const { data: [latest] } = await stripe.invoices.list({ subscription: id, limit: 1 });
  const { data: [payment] } = await stripe.invoicePayments.list({ invoice: latest?.id ?? "" });
  return { status: latest?.status, intent: payment?.payment.payment_intent };
};
/** What a customer has of Stripe without having paid for it. */
const credited = async ({ customer }: Renewing) => {
  const { data: waiting } = await stripe.invoiceItems.list({ customer, pending: true });
  const known = await stripe.customers.retrieve(customer);
  return {
    balance: known.deleted ? 0 : known.balance,
    waiting: waiting.map(({ amount }) => amount),
  };
};
const none = { balance: 0, waiting: [] };

describe("a change of price while the bill of the month is on its way", () => {
  it.each<[string, string]>([
    ["to a cheaper price, with nothing due", cheaper.priceId],
    ["to a dearer price", dearer.priceId],
    ["to another rhythm, with nothing due", byTheWeek.priceId],
  ])(
    "is refused %s: time that nobody has paid for is credited to nobody",
    async (which, priceId) => {
      const customer = await renewing(`debited ${which}`);
      await shop.later(2 * HOUR);
      expect((await bill(customer)).status).toBe("open");
      expect((await shop.subscriptionOf(customer.session)).status).toBe("active");
      expect(await refusal(change(customer, priceId)))
        .toMatchObject({ status: 409, code: "payment_overdue" });
      expect(await credited(customer)).toEqual(none);
      await shop.later(5 * DAY);
      expect((await bill(customer)).status).toBe("paid");
      expect(await change(customer, priceId)).toMatchObject({ checkoutMode: "change" });
    },
  );

  it.each<[string, string]>([
    ["to a cheaper price", cheaper.priceId],
    ["to another rhythm, after which the bill is no longer the last", byTheWeek.priceId],
  ])("is refused %s in the hour for which the bill is a draft, too", async (which, priceId) => {
    const customer = await renewing(`drafted ${which}`);
    expect((await bill(customer)).status).toBe("draft");
    expect(await refusal(change(customer, priceId)))
      .toMatchObject({ status: 409, code: "payment_overdue" });
    await shop.later(2 * HOUR);
    await shop.admin("POST", `/debits/${idOf((await bill(customer)).intent)}/fail`);
    await shop.idle();
    expect(await credited(customer)).toEqual(none);
    expect((await shop.subscriptionOf(customer.session)).status).toBe("past_due");
  });

  it("is refused twice, so that no second change credits what a first one has billed and nobody has paid", async () => {
    const customer = await renewing("by two changes");
    const changed = async (priceId: string) => {
      const { id } = await change(customer, priceId);
      return shop.client.confirmFree(await shop.token(customer.user), id);
    };
    const first = await changed(byTwoWeeks.priceId).catch((error: unknown) => error);
    await shop.later(2 * HOUR);
    const second = await changed(byTheWeek.priceId).catch((error: unknown) => error);
    expect(await credited(customer)).toEqual(none);
    expect([first, second]).toMatchObject([
      { code: "payment_overdue" },
      { code: "payment_overdue" },
    ]);
  });
});
