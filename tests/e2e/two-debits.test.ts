import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { openShop, refusal } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
const DEBIT = "pm_usBankAccount_success";

const twoSessions = async () => {
  const user = randomUUID();
  return [await shop.create({ user }), await shop.create({ user })] as const;
};
const answer = async (intent: string | null, word: "settle" | "fail") => {
  await shop.admin("POST", `/debits/${intent}/${word}`);
  await shop.idle();
};

describe("a customer whose payment for a product is on its way", () => {
  it.each(["pm_card_visa", DEBIT])("is not charged by a second one (%s)", async (second) => {
    const [debited, other] = await twoSessions();
    await shop.pay(debited, DEBIT);
    expect(await refusal(shop.pay(other, second))).toMatchObject({
      status: 409,
      code: "payment_in_progress",
    });
    expect((await shop.atStripe(other)).intent.latest_charge).toBeNull();
    expect(await shop.status(other)).toMatchObject({ status: "pending" });

    await answer(debited.paymentIntentId, "settle");
    expect(await shop.status(debited)).toMatchObject({ status: "succeeded" });
    expect(await refusal(shop.pay(other, second))).toMatchObject({ code: "already_subscribed" });
  });

  it("may pay otherwise once it failed", async () => {
    const [debited, other] = await twoSessions();
    await shop.pay(debited, DEBIT);
    await refusal(shop.pay(other));
    await answer(debited.paymentIntentId, "fail");
    expect(await shop.pay(other)).toMatchObject({ status: "active" });
  });

  it("may buy another product meanwhile", async () => {
    const user = randomUUID();
    const debited = await shop.create({ user });
    await shop.pay(debited, DEBIT);
    const other = await shop.create({ user, priceId: shop.team.priceId });
    expect(await shop.pay(other)).toMatchObject({ status: "active" });
  });
});

describe("two debits of one customer for one product, under way at once", () => {
  it("end in one subscription and one refund, whichever settles first", async () => {
    const [one, other] = await twoSessions();
    // In the browser, past our confirm: nobody can refuse it there.
    await shop.payInBrowser(one, DEBIT);
    await shop.payInBrowser(other, DEBIT);
    await shop.idle();
    await answer(other.paymentIntentId, "settle");
    await answer(one.paymentIntentId, "settle");
    expect(await shop.status(other)).toMatchObject({
      status: "succeeded",
      features: ["pro-1", "pro-2"],
    });
    expect(await shop.status(one)).toMatchObject({
      status: "failed",
      error: { code: "payment_refunded" },
    });
    const [kept, returned] = [await shop.atStripe(other), await shop.atStripe(one)];
    expect([kept.subscriptions.length, kept.refunds.length]).toEqual([1, 0]);
    expect([returned.subscriptions.length, returned.refunds.map(({ amount }) => amount)])
      .toEqual([0, [2900]]);
  });

  it("of which one fails leave the other its subscription", async () => {
    const [one, other] = await twoSessions();
    await shop.payInBrowser(one, DEBIT);
    await shop.payInBrowser(other, DEBIT);
    await shop.idle();
    await answer(one.paymentIntentId, "fail");
    await answer(other.paymentIntentId, "settle");
    expect(await shop.status(other)).toMatchObject({ status: "succeeded" });
    expect(await shop.status(one)).toMatchObject({ status: "pending" });
    expect(await refusal(shop.pay(one))).toMatchObject({ code: "already_subscribed" });
  });
});
