import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { openShop } from "../../support/shop.ts";
import { stack } from "../../support/stack.ts";
import { openOldSystem } from "./old-system.ts";

// Nobody is given another's customer at Stripe or another's subscription, in whichever order the old rows come.

const shop = await openShop(stack());
afterAll(() => shop.close());
const old = await openOldSystem(stack(), shop);
const pro = await old.stripePriceOf(shop.pro.priceId);

beforeEach(async () => {
  await old.empty();
});

/** What each of them is here: their customer at Stripe, and their subscriptions there. */
const here = (...users: readonly string[]) =>
  Promise.all(users.map(async (user) => {
    const [row] = await shop.query<{ at: string | null; subscriptions: readonly string[] }>(
      `select c.stripe_customer_id as at, array(
         select sub.stripe_subscription_id from billing.subscriptions sub where sub.customer_id = c.id
       ) as subscriptions
       from billing.customers c where c.organization_id = $1 and c.external_id = $2`,
      [shop.organizationId, user],
    );
    return row;
  }));

/** Two ids, of which the rows' order is. */
const idsInOrder = () => [randomUUID(), randomUUID()].toSorted();

describe.each<[string, (ids: readonly string[]) => readonly string[]]>([
  ["with the nameless row first", (ids) => ids],
  ["with the nameless row last", (ids) => ids.toReversed()],
])("of two people, %s,", (_order, ordered) => {
  async function aliceAndBob() {
    const [first = "", second = ""] = ordered(idsInOrder());
    const alice = await old.customer({ id: first, stripe_customer_id: null });
    const bob = await old.customer({ id: second });
    return { alice, bob };
  }

  it("one does not become the other by a subscription of the other's on their row", async () => {
    const { alice, bob } = await aliceAndBob();
    const { id } = await old.subscription({ ...bob, id: alice.id }, pro);
    const { code, left } = await old.applied();
    expect([code, left]).toEqual([1, [
      expect.objectContaining({ id, reason: "other_customer_at_stripe", detail: bob.stripeId }),
    ]]);
    expect(await here(alice.user, bob.user)).toEqual([
      { at: null, subscriptions: [] },
      { at: bob.stripeId, subscriptions: [] },
    ]);
  });

  it("neither is given a subscription that stands on both of their rows", async () => {
    const { alice, bob } = await aliceAndBob();
    const [first, second] = ordered(idsInOrder());
    const { stripeId } = await old.subscription({ ...bob, id: alice.id }, pro, { id: first });
    await old.insert("subscriptions", {
      id: second,
      customer_id: bob.id,
      stripe_subscription_id: stripeId,
    });
    const { code, left, reasons } = await old.applied();
    expect([code, reasons]).toEqual([1, { subscription_twice: 2 }]);
    expect(new Set(left.map(({ id }) => id))).toEqual(new Set([first, second]));
    expect(await here(alice.user, bob.user)).toEqual([
      { at: null, subscriptions: [] },
      { at: bob.stripeId, subscriptions: [] },
    ]);
  });

  it("neither comes over as the one customer that Stripe has for both", async () => {
    const { alice, bob } = await aliceAndBob();
    await old.client.query("update customers set stripe_customer_id = null where id = $1", [
      bob.id,
    ]);
    await old.subscription({ ...bob, id: alice.id }, pro);
    await old.subscription(bob, pro);
    expect(await old.applied()).toMatchObject({
      code: 1,
      customers: { imported: 0, left: 2 },
      reasons: { stripe_customer_twice: 2, customer_left: 2 },
    });
    expect(await here(alice.user, bob.user)).toEqual([undefined, undefined]);
  });
});

it("somebody of whom only their subscription tells comes over as that customer, and is known the next time", async () => {
  const carol = await old.customer({ stripe_customer_id: null });
  const { stripeId } = await old.subscription(carol, pro);
  expect(await old.applied()).toMatchObject({ code: 0, customers: { imported: 1, left: 0 } });
  expect(await here(carol.user)).toEqual([{ at: carol.stripeId, subscriptions: [stripeId] }]);
  expect(await old.applied()).toMatchObject({ code: 0, customers: { known: 1, left: 0 } });
});
