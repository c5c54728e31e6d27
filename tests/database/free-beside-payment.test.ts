import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { changesOf, paid, SCALE, SEATS } from "./changing.ts";
import { activate, type Free } from "./free.ts";
import { payLate } from "./fulfilling.ts";
import { openRaces } from "./races.ts";
import {
  beginArguments,
  complete,
  type Connection,
  newToken,
  type OpenSession,
  openSession,
  PRO_PRODUCT,
  record,
  YEARLY,
} from "./support.ts";

// What is confirmed with nothing due takes no product whose payment is on its way: that money could only go back.

const { first, second, owner, keyDigest, race } = await openRaces();
const { openChange, openDowngrade, subscribed } = changesOf(first, keyDigest);
await owner.rows(
  `insert into billing.product_prices (product_id, key, currency, unit_amount, recurring_interval)
   values ($1, 'pro-free', 'usd', 0, 'month')`,
  [PRO_PRODUCT],
);

/** A session for the product that is to be paid, and one that is free. */
async function both(): Promise<[OpenSession, Free]> {
  const user = randomUUID();
  const bought = await openSession(first, keyDigest, user);
  const tokenId = await newToken(first, keyDigest, user);
  const { session } = await first.call<{ session: { id: string } }>(
    "begin_checkout",
    beginArguments(tokenId, { p_price_id: "pro-free" }),
  );
  return [bought, { p_session_id: session.id, p_token_id: tokenId, p_livemode: false }];
}

const attempted = ({ sessionId }: OpenSession) => (connection: Connection) =>
  connection.call("begin_attempt", {
    p_session_id: sessionId,
    p_stripe_payment_method_id: "pm_1",
    p_intent_status: "requires_payment_method",
  });

describe("a product that is paid for and free at the same instant", () => {
  it("is paid for where the card was first, and free once that was refused", async () => {
    const [bought, free] = await both();
    const [card, late] = await race(attempted(bought), activate(free), "complete_free_checkout");
    expect([card.outcome, late.outcome]).toEqual(["confirm", "payment_in_progress"]);
    await record(first, bought, "requires_payment_method", { p_attempt_number: 1 });
    expect(await activate(free)(first)).toMatchObject({ outcome: "succeeded" });
  });

  it("is free where that was first, and no card is charged", async () => {
    const [bought, free] = await both();
    const [had, late] = await race(activate(free), attempted(bought), "begin_attempt");
    expect([had.outcome, late.outcome]).toEqual(["succeeded", "already_subscribed"]);
  });

  it.each(["processing", "succeeded"])("is paid for while the payment is %s", async (status) => {
    const [bought, free] = await both();
    await record(first, bought, status);
    expect(await activate(free)(second)).toEqual({ outcome: "payment_in_progress" });
    await record(first, bought, "succeeded");
    expect(await complete(first, bought)).toMatchObject({ outcome: "succeeded" });
    expect(await activate(free)(second)).toEqual({ outcome: "already_subscribed" });
  });
});

describe("a product whose payment came after its session's end, and is being fulfilled", () => {
  it("is not given away free", async () => {
    const [bought, free] = await both();
    await payLate(first, owner, bought);
    expect(await activate(free)(second)).toEqual({ outcome: "payment_in_progress" });
    expect(await complete(first, bought)).toMatchObject({ outcome: "succeeded" });
  });

  it("is charged to no other card", async () => {
    const user = randomUUID();
    const bought = await openSession(first, keyDigest, user);
    const other = await openSession(first, keyDigest, user, { p_price_id: YEARLY });
    await payLate(first, owner, bought);
    expect(await attempted(other)(second)).toEqual({ outcome: "payment_in_progress" });
  });
});

/** A change with nothing due, and one that is to be paid, of two subscriptions to one product. */
async function two() {
  const one = await subscribed();
  const other = await subscribed(one.user, { p_price_id: SEATS });
  return [await openDowngrade(one, SCALE), await openChange(other, SCALE)] as const;
}

describe("a change with nothing due to a product whose payment is on its way", () => {
  it("waits for that", async () => {
    const [free, debit] = await two();
    await record(first, debit, "processing");
    expect(await activate(free)(first)).toEqual({ outcome: "payment_in_progress" });
    await record(first, debit, "canceled");
    expect(await activate(free)(first)).toMatchObject({ outcome: "apply" });
  });

  it("is carried on where it was decided upon before, and the payment goes back", async () => {
    const [free, debit] = await two();
    expect(await activate(free)(first)).toMatchObject({ outcome: "apply" });
    await record(first, debit, "processing");
    expect(await activate(free)(first)).toMatchObject({ outcome: "apply" });
    expect(await paid(debit)(first)).toMatchObject({ outcome: "refund" });
  });
});
