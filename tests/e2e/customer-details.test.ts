import { randomUUID } from "node:crypto";
import { afterAll, afterEach, expect, it } from "vitest";
import { eventually, openShop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
afterEach(() => shop.admin("DELETE", "/faults"));

interface Details {
  readonly email?: string;
  readonly name?: string;
}

const open = async (user: string, priceId: string, customer: Details, changes: object = {}) =>
  shop.client.create(await shop.token(user), { priceId, customer, ...changes });
const atStripe = async (user: string) => {
  const row = await shop.one<{ id: string }>(
    "select stripe_customer_id as id from billing.customers where external_id = $1",
    [user],
  );
  const customer = await shop.stripe.customers.retrieve(row.id);
  if (customer.deleted) throw new Error("the customer is deleted");
  return { id: customer.id, email: customer.email, name: customer.name };
};
const JENNY = { email: "jenny@example.com", name: "Jenny Rosen" };

it("Stripe is told of a returning customer's e-mail and name where it has neither", async () => {
  const user = randomUUID();
  await shop.pay(await open(user, shop.pro.priceId, {}));
  const before = await atStripe(user);
  expect(before).toMatchObject({ email: null, name: null });
  await shop.pay(await open(user, shop.team.priceId, JENNY));
  expect(await atStripe(user)).toEqual({ ...before, ...JENNY });
});

it("Stripe is told again of an e-mail that changes there and back", async () => {
  const user = randomUUID();
  const emails = ["one@example.com", "two@example.com", "one@example.com"];
  const third = await shop.sell("Third", {});
  const prices = [shop.pro.priceId, shop.team.priceId, third.priceId];
  for (const [n, email] of emails.entries()) {
    await shop.pay(await open(user, prices[n] ?? "", { email }));
    expect((await atStripe(user)).email).toBe(email);
  }
});

it("Stripe is told of what a paid change of price says", async () => {
  const user = randomUUID();
  const session = await open(user, shop.pro.priceId, {});
  await shop.pay(session);
  const dear = await shop.sell("Dear", { amount: 9_900 });
  const existingSubscriptionId = (await shop.status(session)).subscription?.id;
  await shop.pay(await open(user, dear.priceId, JENNY, { existingSubscriptionId }));
  expect(await atStripe(user)).toMatchObject(JENNY);
});

it("an outage at that moment loses neither the subscription nor the news", async () => {
  const user = randomUUID();
  await shop.pay(await open(user, shop.pro.priceId, {}));
  const session = await open(user, shop.team.priceId, JENNY);
  await shop.admin("POST", "/faults", {
    kind: "error_before",
    method: "POST",
    path: "/v1/customers/*",
    count: null,
  });
  expect(await shop.pay(session)).toMatchObject({ status: "processing" });
  await shop.admin("DELETE", "/faults");
  // Whoever asks has the session repaired.
  await eventually(() => shop.status(session), ({ status }) => status === "succeeded");
  expect(await atStripe(user)).toMatchObject(JENNY);
});
