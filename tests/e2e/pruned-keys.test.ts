import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FaultSpec } from "@billingos/stripe-simulator";
import { openArena } from "../chaos/arena.ts";
import { nothingTold, readBooks } from "../chaos/books.ts";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { drain } from "../chaos/drain.ts";
import { violations } from "../chaos/laws.ts";
import { dayPasses } from "../chaos/time.ts";
import type { Shop } from "../support/shop.ts";

// A stack of its own: a day passes for all that is on it.
const arena = await openArena();
let shop: Shop;
beforeEach(async () => {
  shop = await arena.openShop();
});
afterEach(() => shop.close());
afterAll(() => arena.close());

/** Stripe does the work of every call there, and nobody hears of it: not by answer, not by looking, not by event. */
async function unheard(path: string, looksBefore = 0): Promise<void> {
  const faults: FaultSpec[] = [
    { kind: "webhook_drop", count: null },
    { kind: "cut_after", method: "POST", path, count: null },
    { kind: "error_before", method: "GET", path, skip: looksBefore, count: null },
  ];
  for (const fault of faults) await arena.admin("POST", "/faults", fault);
}
/** The books, and what their sessions have shown. */
const booksOf = (...sessions: CreateResponse[]) =>
  readBooks(arena, shop, {
    ...nothingTold,
    totals: new Map(sessions.map(({ id, totalAmount }) => [id, totalAmount])),
  });
/** Long enough for Stripe to forget its keys; then everything is repaired by reconcile alone. */
async function repairedNextDay(): Promise<void> {
  await dayPasses(arena);
  await drain(arena);
}

describe("what was done at Stripe and never answered is found a day later, and not done again", () => {
  it.each(["/v1/subscriptions", "/v1/customers"])("POST %s", async (path) => {
    const session = await shop.create({ email: "customer@example.com" });
    await unheard(path);
    // Paid: what fails from then on is no failure of the customer's.
    expect(await shop.pay(session)).toMatchObject({ success: false, status: "processing" });
    await arena.admin("DELETE", "/faults");
    const left = (await booksOf(session)).stripe;
    expect(left.customers).toHaveLength(1);
    expect(left.subscriptions).toHaveLength(path === "/v1/subscriptions" ? 1 : 0);

    await repairedNextDay();
    const books = await booksOf(session);
    expect(violations(books)).toEqual([]);
    expect(books.sessions.map(({ status }) => status)).toEqual(["succeeded"]);
    expect(books.stripe.subscriptions).toHaveLength(1);
    expect(books.stripe.customers).toHaveLength(1);
  });

  it("POST /v1/refunds", async () => {
    const user = randomUUID();
    const [first, second] = [await shop.create({ user }), await shop.create({ user })];
    await shop.pay(first);
    await unheard("/v1/refunds", 1);
    await shop.payInBrowser(second);
    expect(await shop.pay(second)).toMatchObject({ success: false, status: "processing" });
    await arena.admin("DELETE", "/faults");
    const left = await booksOf(first, second);
    expect(left.stripe.refunds).toHaveLength(1);
    expect(left.sessions.map(({ refund_status }) => refund_status)).toEqual([null, null]);

    await repairedNextDay();
    const books = await booksOf(first, second);
    expect(violations(books)).toEqual([]);
    expect(books.stripe.refunds.map(({ status }) => status)).toEqual(["succeeded"]);
  });
});
