import { afterAll, describe, expect, it } from "vitest";
import { openArena } from "./arena.ts";
import type Stripe from "stripe";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { type Books, readBooks } from "./books.ts";
import type { Shop } from "../support/shop.ts";
import { drain } from "./drain.ts";
import { laws, violations } from "./laws.ts";
import { wares } from "./wares.ts";

const arena = await openArena();
afterAll(() => arena.close());

/**
 * Honest books: one session paid and its price changed, one refunded since its customer had the product already, one left
 * open, a free plan, a trial, and one given back by hand at once.
 */
async function honestBooks(): Promise<Books> {
  const shop = await arena.openShop();
  const { products } = await wares(shop);
  const token = await shop.token("three");
  const free = await shop.client.create(token, { priceId: products[3]?.priceId ?? "" });
  const [paid, late] = [await shop.create({ user: "one" }), await shop.create({ user: "one" })];
  const open = await shop.create({ user: "two" });
  const { subscriptionId = "" } = await shop.pay(paid);
  await shop.payInBrowser(late);
  await shop.client.confirmFree(token, free.id);
  const trial = await shop.create({ user: "three", priceId: products[2]?.priceId ?? "" });
  await shop.pay(trial);
  const dearer = products[5]?.priceId ?? "";
  const change = await shop.client.create(await shop.token("one"), {
    priceId: dearer,
    existingSubscriptionId: subscriptionId,
  });
  await shop.pay(change);
  const credit = await givenBackEarly(shop);
  await drain(arena);
  const shown = [free, paid, late, open, trial, change, credit];
  const told = {
    totals: new Map(shown.map(({ id, totalAmount }) => [id, totalAmount])),
    givenBack: new Set([credit.id]),
  };
  const books = await readBooks(arena, shop, told);
  await shop.close();
  return books;
}

/** Given back by hand before we had heard that it was paid. */
async function givenBackEarly(shop: Shop): Promise<CreateResponse> {
  const session = await shop.create({ user: "four" });
  await arena.admin("POST", "/faults", { kind: "webhook_drop", count: null });
  await shop.payInBrowser(session);
  await shop.stripe.refunds.create({ payment_intent: session.paymentIntentId ?? "" });
  await arena.admin("DELETE", "/faults");
  return session;
}

const honest = await honestBooks();

/** The only element, or the first. */
function first<T>(list: readonly T[]): T {
  const [one] = list;
  if (one === undefined) throw new Error("nothing to tamper with");
  return one;
}
const changed = <T extends object>(list: readonly T[], change: Partial<T>): T[] => [
  { ...first(list), ...change },
  ...list.slice(1),
];
const atStripe = (change: Partial<Books["stripe"]>): Partial<Books> => ({
  stripe: { ...honest.stripe, ...change },
});
const paid = () => {
  const { checkout_session_id: id } = first(honest.subscriptions);
  return first(honest.sessions.filter((session) => session.id === id));
};
const intentOfPaid = () =>
  first(honest.stripe.intents.filter(({ id }) => id === paid().stripe_intent));

const subscriptionOfPaid = (): Stripe.Subscription =>
  first(
    honest.stripe.subscriptions.filter(({ metadata }) =>
      metadata["checkout_session_id"] === paid().id
    ),
  );

/** For each law, books that break it. */
const breaches: Record<string, () => Partial<Books>> = {
  "at most one charge is kept for a session, and it is the right amount": () =>
    atStripe({ intents: [...honest.stripe.intents, { ...intentOfPaid(), id: "pi_second" }] }),
  "money, or a card set up, is kept exactly where it was honored": () => ({
    subscriptions: [],
  }),
  "what was shown, what was charged and what Stripe invoiced are one amount": () =>
    atStripe({ invoices: honest.stripe.invoices.map((one) => ({ ...one, amount_due: 1 })) }),
  "what is asked for is what Stripe's price is": () => ({
    sessions: honest.sessions.map((one) => ({ ...one, amount: one.amount + 1 })),
  }),
  "a subscription that somebody labelled by hand lives on": () =>
    atStripe({
      subscriptions: [
        ...honest.stripe.subscriptions,
        { ...subscriptionOfPaid(), metadata: { by_hand: "yes" }, status: "canceled" },
      ],
    }),
  "every charge was shown to somebody before it was made": () => ({
    told: { ...honest.told, totals: new Map() },
  }),
  "what was given back before anything came of it is never honored": () => ({
    told: { ...honest.told, givenBack: new Set([paid().id]) },
  }),
  "a change whose payment went back is not made": () => ({
    sessions: honest.sessions.map((one) => one.is_change ? { ...one, status: "failed" } : one),
  }),
  "a session has one subscription, and what was surplus has ended unpaid": () =>
    atStripe({
      subscriptions: [
        ...honest.stripe.subscriptions,
        { ...subscriptionOfPaid(), status: "incomplete" },
      ],
    }),
  "at rest no subscription waits for a payment, and no invoice for anybody": () =>
    atStripe({
      invoices: honest.stripe.invoices.map((one) => ({ ...one, status: "open" as const })),
    }),
  "a free session that succeeded has one row, which Stripe knows nothing of": () => ({
    subscriptions: honest.subscriptions.map((row) => ({
      ...row,
      stripe_subscription_id: row.stripe_subscription_id ?? "sub_unasked",
    })),
  }),
  "a trial lives only where it took its customer's names": () => ({ trials: [] }),
  "succeeded says exactly that there is a subscription, a customer and one set of grants": () => ({
    subscriptions: changed(honest.subscriptions, { granted: 1 }),
  }),
  "a subscription is at Stripe what its row says, and belongs to the row's customer": () => ({
    subscriptions: changed(honest.subscriptions, { status: "past_due" }),
  }),
  "a customer has at most one live subscription to a product": () =>
    atStripe({
      subscriptions: [...honest.stripe.subscriptions, first(honest.stripe.subscriptions)],
    }),
  "a customer is one customer at Stripe": () =>
    atStripe({
      customers: [
        ...honest.stripe.customers,
        { ...first(honest.stripe.customers), id: "cus_second" },
      ],
    }),
  "money that no session knows is nobody's": () =>
    atStripe({
      intents: [...honest.stripe.intents, { ...intentOfPaid(), id: "pi_stray", metadata: {} }],
    }),
  "a session stands where Stripe says that its intent is": () => ({
    sessions: honest.sessions.map((one) =>
      one.status === "open" ? { ...one, status: "failed" } : one
    ),
  }),
  "a refund is told in the snapshot as it is at Stripe": () => ({
    shown: honest.shown.map(({ error: _error, ...rest }) => rest),
  }),
  "the same ask has one session open": () => ({
    sessions: honest.sessions.map((one) => ({ ...one, open_ask: "the same" })),
  }),
  "every event is processed, or dead with a reason": () => ({
    events: changed(honest.events, { status: "dead", last_error: null }),
  }),
  "every event of Stripe's that asks for something was taken in": () => ({
    events: honest.events.filter(({ type }) => type !== "payment_intent.succeeded"),
  }),
  "every version was told once, and the last is what status says": () => ({
    messages: honest.messages.slice(1),
  }),
  "succeeded is never left": () => {
    const told = honest.messages.filter(({ session_id: id }) => id === paid().id);
    const { session_id, payload } = first(told.toReversed());
    const left = { session_id, payload: { ...payload, status: "processing" as const } };
    return { messages: [...honest.messages, left] };
  },
};

describe("the audit", () => {
  it("finds nothing in honest books, and there was something to find", () => {
    expect(violations(honest)).toEqual([]);
    expect(honest.sessions.map(({ status }) => status).toSorted())
      .toEqual(["failed", "failed", "open", ...Array<string>(4).fill("succeeded")]);
    expect(honest.stripe.refunds).toHaveLength(2);
  });

  it("knows no breach of a law that there is not", () => {
    expect(Object.keys(breaches).filter((law) => !(law in laws))).toEqual([]);
  });

  it.each(Object.keys(laws))("sees it when this is broken: %s", (law) => {
    const breach = breaches[law];
    if (breach === undefined) throw new Error("no books that break it");
    expect(laws[law]?.({ ...honest, ...breach() })).not.toEqual([]);
  });
});
