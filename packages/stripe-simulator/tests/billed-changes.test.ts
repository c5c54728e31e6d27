import type { Stripe } from "stripe";
import { afterEach, describe, expect, it } from "vitest";
import { waiting } from "./first-invoice.ts";
import { idOf, priceOf, refusalOf, useBench } from "./simulator.ts";

const bench = useBench();

interface Paid {
  subscription: Stripe.Subscription;
  item: string;
  price: string;
}

/** A subscription whose first month has been paid: 2000. */
async function paid(more: Partial<Stripe.SubscriptionCreateParams> = {}): Promise<Paid> {
  const { subscription, invoice } = await waiting(bench, more);
  await bench.stripe.invoices.pay(invoice);
  const [item] = subscription.items.data;
  return { subscription, item: item?.id ?? "", price: item?.price.id ?? "" };
}

/** The instant at which half of the first month is over. */
function middleOf({ subscription }: Paid): number {
  const { current_period_start: start = 0, current_period_end: end = 0 } =
    subscription.items.data[0] ?? {};
  return Math.round((start + end) / 2);
}

async function change(
  { subscription, item }: Paid,
  price: string,
  more: Stripe.SubscriptionUpdateParams = {},
): Promise<Stripe.Invoice> {
  const changed = await bench.stripe.subscriptions.update(subscription.id, {
    items: [{ id: item, price }],
    proration_behavior: "always_invoice",
    payment_behavior: "default_incomplete",
    expand: ["latest_invoice"],
    ...more,
  });
  const invoice = changed.latest_invoice;
  if (invoice === null || typeof invoice === "string") throw new Error("there is no invoice");
  return invoice;
}

const shownBy = (invoice: Stripe.Invoice) => invoice.parent?.subscription_details?.metadata;
const priced = async (unit_amount: number) => (await priceOf(bench.stripe, { unit_amount })).id;
const amounts = (invoice: Stripe.Invoice) => invoice.lines.data.map((line) => line.amount);

async function previewed(
  { subscription, item }: Paid,
  price: string,
  proration_date: number,
): Promise<number[]> {
  return amounts(
    await bench.stripe.invoices.createPreview({
      subscription: subscription.id,
      subscription_details: {
        items: [{ id: item, price }],
        proration_behavior: "always_invoice",
        proration_date,
      },
    }),
  );
}

describe("a change whose invoice is voided", () => {
  it.each(["voided first", "taken back first"])(
    "leaves the credit at what was paid before it, %s",
    async (order) => {
      const given = await paid();
      const middle = middleOf(given);
      await bench.advance(middle - (await bench.now()));
      const invoice = await change(given, await priced(6000), { proration_date: middle });
      expect(amounts(invoice)).toEqual([-1000, 3000]);
      const undo = () =>
        bench.stripe.subscriptions.update(given.subscription.id, {
          items: [{ id: given.item, price: given.price }],
          proration_behavior: "none",
        });
      if (order === "taken back first") await undo();
      await bench.stripe.invoices.voidInvoice(invoice.id);
      if (order === "voided first") await undo();
      expect(await previewed(given, await priced(8000), middle)).toEqual([-1000, 4000]);
    },
  );

  it("and that stays as it is gives no credit for the price that nobody paid", async () => {
    const given = await paid();
    const middle = middleOf(given);
    await bench.advance(middle - (await bench.now()));
    const invoice = await change(given, await priced(6000), { proration_date: middle });
    await bench.stripe.invoices.voidInvoice(invoice.id);
    expect(await previewed(given, given.price, middle)).toEqual([-1000, 1000]);
  });

  it("is credited while the invoice is open, as one that will be paid", async () => {
    const given = await paid();
    const middle = middleOf(given);
    await bench.advance(middle - (await bench.now()));
    await change(given, await priced(6000), { proration_date: middle });
    expect(await previewed(given, given.price, middle)).toEqual([-3000, 1000]);
  });
});

describe("a proration", () => {
  it("that waits goes on waiting when a later change is refused for want of money", async () => {
    const given = await paid();
    const { id, customer } = given.subscription;
    await bench.stripe.subscriptions.update(id, {
      items: [{ id: given.item, price: await priced(3000) }],
    });
    const bad = await bench.stripe.paymentMethods.attach("pm_card_chargeCustomerFail", {
      customer: idOf(customer),
    });
    await bench.stripe.subscriptions.update(id, { default_payment_method: bad.id });
    const refused = change(given, await priced(9000), { payment_behavior: "error_if_incomplete" });
    expect((await refusalOf(refused)).statusCode).toBe(402);
    const pending = { customer: idOf(customer), pending: true };
    expect((await bench.stripe.invoiceItems.list(pending)).data).toHaveLength(2);
  });
});

describe("an update that sets metadata and makes an invoice", () => {
  afterEach(() => bench.admin("POST", "/billing", { metadata_after_invoice: false }));

  const tags = { changed_by: "session 1" };

  it("tells of both in one event, and the invoice shows the metadata", async () => {
    const given = await paid({ metadata: { kept: "yes" } });
    const invoice = await change(given, await priced(6000), { metadata: tags });
    expect(shownBy(invoice)).toEqual({ kept: "yes", ...tags });
    await bench.idle();
    const told = bench.received.map(({ event }) => event).filter((event) =>
      event.type === "customer.subscription.updated" &&
      event.data.object.id === given.subscription.id &&
      event.data.previous_attributes?.items !== undefined
    );
    expect(told.map((event) => event.data.object)).toMatchObject([{ metadata: tags }]);
  });

  it("is charged to the card that it sets", async () => {
    const given = await paid();
    const card = await bench.stripe.paymentMethods.attach("pm_card_mastercard", {
      customer: idOf(given.subscription.customer),
    });
    const invoice = await change(given, await priced(6000), {
      default_payment_method: card.id,
      payment_behavior: "allow_incomplete",
    });
    expect(invoice.status).toBe("paid");
    const { data } = await bench.stripe.charges.list({
      customer: idOf(given.subscription.customer),
    });
    expect(data[0]?.payment_method).toBe(card.id);
  });

  it("does so only afterwards in the worst case", async () => {
    await bench.admin("POST", "/billing", { metadata_after_invoice: true });
    const given = await paid({ metadata: { kept: "yes" } });
    const invoice = await change(given, await priced(6000), { metadata: tags });
    expect(shownBy(invoice)).toEqual({ kept: "yes" });
    const after = await bench.stripe.subscriptions.retrieve(given.subscription.id);
    expect(after.metadata).toEqual({ kept: "yes", ...tags });
  });

  it("shows on a draft what it was given, and once it is finalized what holds then", async () => {
    const given = await paid({ metadata: { at: "creation" } });
    const { id, items } = given.subscription;
    const end = items.data[0]?.current_period_end ?? 0;
    await bench.advance(end + 60 - (await bench.now()));
    const latest = async () => {
      const { data: [invoice] } = await bench.stripe.invoices.list({ subscription: id });
      return invoice;
    };
    await bench.stripe.subscriptions.update(id, { metadata: { at: "finalization" } });
    expect((await latest())?.parent?.subscription_details?.metadata).toEqual({ at: "creation" });
    await bench.advance(3700);
    await bench.stripe.subscriptions.update(id, { metadata: { at: "later" } });
    expect((await latest())?.parent?.subscription_details?.metadata).toEqual({
      at: "finalization",
    });
  });
});
