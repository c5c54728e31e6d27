import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { openShop, type Shop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
afterEach(() => shop.admin("DELETE", "/faults"));

/** A related object's id, as it stands where nothing was expanded. */
function idOf(related: unknown): string {
  if (typeof related !== "string") throw new Error("there is no id");
  return related;
}
const customerOf = async (session: Parameters<Shop["atStripe"]>[0]) => {
  const { subscriptions } = await shop.atStripe(session);
  expect(subscriptions).toHaveLength(1);
  return idOf(subscriptions[0]?.customer);
};

/** Moves the customer's row to another account, as a purchase there does, and away from the one that it had. */
async function buysElsewhere(user: string): Promise<void> {
  await shop.query(
    `update billing.customers set stripe_customer_id = $2, stripe_account_id = $3
     where external_id = $1`,
    [user, `cus_${randomBytes(7).toString("hex")}`, `acct_${randomBytes(8).toString("hex")}`],
  );
}

describe("a customer of an organization that switched accounts and back", () => {
  it("keeps a payment that was begun before, although the customer was made anew meanwhile", async () => {
    const user = randomUUID();
    const bought = await shop.create({ user, email: "customer@example.com" });
    await shop.pay(bought);
    const first = await customerOf(bought);
    // The intent is the first customer's. Then everything by which that one could be found is gone.
    const begun = await shop.create({ user, priceId: shop.team.priceId });
    await shop.stripe.customers.update(first, { email: "moved@example.com" });
    await shop.query(
      "update billing.customers set stripe_generation = 2, created_at = created_at - interval '13 hours' where external_id = $1",
      [user],
    );
    await buysElsewhere(user);

    expect(await shop.pay(begun)).toMatchObject({ status: "active" });
    expect(await customerOf(begun)).toBe(first);
    await shop.idle();
    expect((await shop.atStripe(begun)).refunds).toEqual([]);
  });

  it("is the same customer there again", async () => {
    const user = randomUUID();
    const bought = await shop.create({ user, email: "customer@example.com" });
    await shop.pay(bought);
    await buysElsewhere(user);
    const again = await shop.create({ user, priceId: shop.team.priceId });
    expect(await shop.pay(again)).toMatchObject({ status: "active" });
    expect(await customerOf(again)).toBe(await customerOf(bought));
  });
});

describe("a create that Stripe answers as before, with a customer who was deleted since", () => {
  it("makes the customer anew, and the payment is honored", async () => {
    const user = randomUUID();
    const bought = await shop.create({ user });
    await shop.pay(bought);
    await shop.idle();
    await shop.stripe.customers.del(await customerOf(bought));
    await shop.idle();
    // Back on this account, with the key of the first create still at Stripe.
    await buysElsewhere(user);
    const again = await shop.create({ user, priceId: shop.team.priceId });
    expect(await shop.pay(again)).toMatchObject({ status: "active" });
    await shop.idle();
    const { subscriptions, refunds } = await shop.atStripe(again);
    expect(refunds).toEqual([]);
    expect(subscriptions.map(({ status }) => status)).toEqual(["active"]);
  });
});
