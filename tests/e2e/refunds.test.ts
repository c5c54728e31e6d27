import { randomUUID } from "node:crypto";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { lookAgain } from "../support/refund-look.ts";
import { openShop, refusal } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
afterEach(() => shop.admin("DELETE", "/faults"));

/** A payment that cannot be honored, since its customer has the product already. */
async function surplus(card: string): Promise<CreateResponse> {
  const user = randomUUID();
  const [first, second] = [await shop.create({ user }), await shop.create({ user })];
  await shop.pay(first);
  await shop.payInBrowser(second, card);
  await shop.idle();
  return second;
}

async function refundsOf(session: CreateResponse) {
  const { refunds, subscriptions } = await shop.atStripe(session);
  expect(subscriptions.filter(({ status }) => status !== "canceled")).toEqual([]);
  return refunds.toReversed();
}
const statuses = async (session: CreateResponse) =>
  (await refundsOf(session)).map(({ status }) => status);
const answer = async (session: CreateResponse, word: "settle" | "fail") => {
  const id = (await refundsOf(session)).at(-1)?.id ?? "";
  await shop.admin("POST", `/refunds/${id}/${word}`);
  await shop.idle();
};
const told = async (session: CreateResponse) => {
  const { status, error } = await shop.status(session);
  expect(status).toBe("failed");
  return error?.code;
};
const row = (session: CreateResponse) =>
  shop.one<{ refund_status: string; refund_failures: number; refund_look_at: Date | null }>(
    `select refund_status, refund_failures, refund_look_at from billing.payment_intents
     where stripe_payment_intent_id = $1`,
    [session.paymentIntentId],
  );

describe("a refund that the bank sends back after it was recorded", () => {
  it("is owed again, says so, and is made again", async () => {
    const session = await surplus("pm_card_visa");
    expect(await told(session)).toBe("payment_refunded");
    await answer(session, "fail");
    expect(await told(session)).toBe("refund_pending");
    expect(await refusal(shop.pay(session))).toMatchObject({ status: 409, code: "refund_pending" });
    await lookAgain(shop, session);
    expect(await statuses(session)).toEqual(["failed", "succeeded"]);
    expect(await told(session)).toBe("payment_refunded");
  });

  it.each(["pm_card_visa", "pm_card_pendingRefund"])(
    "is found by looking, where every webhook is dropped (%s)",
    async (card) => {
      const session = await surplus(card);
      await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
      await answer(session, "fail");
      await lookAgain(shop, session);
      expect(await row(session)).toMatchObject({ refund_status: "failed", refund_failures: 1 });
      await lookAgain(shop, session);
      expect((await statuses(session)).slice(0, -1)).toEqual(["failed"]);
      expect((await statuses(session)).at(-1)).not.toBe("failed");
    },
  );

  it("again and again is given up after five times, for a person to see", async () => {
    const session = await surplus("pm_card_visa");
    for (let times = 1; times <= 5; times += 1) {
      await answer(session, "fail");
      expect((await row(session)).refund_failures).toBe(times);
      await lookAgain(shop, session);
    }
    await lookAgain(shop, session);
    expect(await statuses(session)).toEqual(Array(5).fill("failed"));
    expect(await row(session)).toMatchObject({ refund_status: "given_up", refund_look_at: null });
    expect(await told(session)).toBe("refund_failed");
    expect(await refusal(shop.pay(session))).toMatchObject({ status: 409, code: "refund_failed" });

    await shop.stripe.refunds.create({ payment_intent: session.paymentIntentId ?? "" });
    await shop.idle();
    expect(await told(session)).toBe("payment_refunded");
  });

  it("is waited for between two tries, however often its event comes", async () => {
    const session = await surplus("pm_card_visa");
    await answer(session, "fail");
    const { data } = await shop.stripe.events.list({ type: "refund.failed", limit: 1 });
    await shop.admin("POST", `/events/${data[0]?.id}/resend`);
    await shop.idle();
    expect(await statuses(session)).toEqual(["failed"]);
  });
});

describe("a part that the merchant had given back before the rest was", () => {
  it("is given back after all where the bank sends it back", async () => {
    const user = randomUUID();
    const [first, session] = [await shop.create({ user }), await shop.create({ user })];
    await shop.pay(first);
    await shop.idle();
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    await shop.payInBrowser(session);
    const part = await shop.stripe.refunds.create({
      payment_intent: session.paymentIntentId ?? "",
      amount: 900,
    });
    await shop.admin("DELETE", "/faults");
    expect(await refusal(shop.pay(session))).toMatchObject({ code: "payment_refunded" });
    const amounts = async () =>
      (await refundsOf(session)).map(({ amount, status }) => [amount, status]);
    expect(await amounts()).toEqual([[900, "succeeded"], [2000, "succeeded"]]);
    await shop.admin("POST", `/refunds/${part.id}/fail`);
    await shop.idle();
    expect(await told(session)).toBe("refund_pending");
    await lookAgain(shop, session);
    expect(await amounts()).toEqual([[900, "failed"], [2000, "succeeded"], [900, "succeeded"]]);
    expect(await told(session)).toBe("payment_refunded");
    await lookAgain(shop, session);
    expect(await amounts()).toHaveLength(3);
  });
});

describe("a refund that the bank takes its time over", () => {
  it("is pending to whoever asks, and refunded once it settled", async () => {
    const session = await surplus("pm_card_pendingRefund");
    expect(await told(session)).toBe("refund_pending");
    await answer(session, "settle");
    expect(await told(session)).toBe("payment_refunded");
    expect(await statuses(session)).toEqual(["succeeded"]);
  });

  it("is looked at until it settled, where every webhook is dropped", async () => {
    const session = await surplus("pm_card_pendingRefund");
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    await answer(session, "settle");
    expect(await told(session)).toBe("refund_pending");
    await lookAgain(shop, session);
    expect(await told(session)).toBe("payment_refunded");
  });
});

describe("a merchant's own refund of a payment that was honored", () => {
  it("moves nothing, whatever the bank says of it", async () => {
    const session = await shop.create();
    await shop.pay(session);
    const refund = await shop.stripe.refunds.create({
      payment_intent: session.paymentIntentId ?? "",
      amount: 100,
    });
    await shop.admin("POST", `/refunds/${refund.id}/fail`);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({ status: "succeeded" });
    expect((await shop.atStripe(session)).refunds.map(({ status }) => status)).toEqual(["failed"]);
  });
});
