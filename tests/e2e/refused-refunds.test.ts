import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { lookAgain } from "../support/refund-look.ts";
import { openShop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());

/** A payment that cannot be honored, and that Stripe will not refund: the customer's bank has taken it back already. */
async function chargedBack(): Promise<CreateResponse> {
  const user = randomUUID();
  const [first, second] = [await shop.create({ user }), await shop.create({ user })];
  await shop.pay(first);
  await shop.payInBrowser(second, "pm_card_createDispute");
  await shop.idle();
  return second;
}

const told = async (session: CreateResponse) => {
  const { status, error } = await shop.status(session);
  return [status, error?.code];
};

/** Lets the time of the next look come, as if every idempotency key were forgotten by then. */
async function again(session: CreateResponse): Promise<void> {
  await shop.admin("POST", "/keys/forget");
  await lookAgain(shop, session);
}

const bank = async (session: CreateResponse, word: "win" | "lose") => {
  await shop.admin("POST", `/disputes/${session.paymentIntentId}/${word}`);
  await shop.idle();
};

describe("a payment that cannot be honored and that the bank has taken back already", () => {
  it("ends its session, and every event about it is worked", async () => {
    const session = await chargedBack();
    expect(await told(session)).toEqual(["failed", "refund_pending"]);
    expect(
      await shop.query(
        `select type, status, last_error from billing.webhook_events
         where status <> 'processed' and payload::text like '%' || $1 || '%'`,
        [session.paymentIntentId],
      ),
    ).toEqual([]);
  });

  it("has gone back once the dispute is lost, and is refunded by nobody", async () => {
    const session = await chargedBack();
    await bank(session, "lose");
    await again(session);
    expect(await told(session)).toEqual(["failed", "payment_refunded"]);
    const { refunds, subscriptions } = await shop.atStripe(session);
    expect(refunds).toEqual([]);
    expect(subscriptions.filter(({ status }) => status !== "canceled")).toEqual([]);
    const due = await shop.query(
      "select s.id from billing.checkout_sessions s where s.id = $1 and s.repair_at < now() + interval '1 hour'",
      [session.id],
    );
    expect(due).toEqual([]);
  });

  it("is refunded once the dispute is won: the money is here again", async () => {
    const session = await chargedBack();
    await bank(session, "win");
    await again(session);
    expect(await told(session)).toEqual(["failed", "payment_refunded"]);
    const { refunds } = await shop.atStripe(session);
    expect(refunds.map(({ status }) => status)).toEqual(["succeeded"]);
  });
});
