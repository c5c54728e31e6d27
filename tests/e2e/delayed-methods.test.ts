import { afterEach, describe, expect, it } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { periodEnd } from "../support/calendar.ts";
import { openClockShop } from "../support/clock-shop.ts";
import { DAY } from "../support/clock-stack.ts";
import { letPass } from "../support/let-pass.ts";
import { reconcileOf } from "../support/reconcile.ts";
import { refusal } from "../support/shop.ts";

const shop = await openClockShop();
afterEach(() => shop.endAll());

const ACCOUNT = "pm_usBankAccount_success";
const EMPTY = "pm_usBankAccount_insufficientFunds";
let products = 0;
const product = (trialDays = 0) => shop.sell(`Debited-${products++}`, { amount: 4900, trialDays });

const reconcile = () => reconcileOf(shop);

/** Days go by at Stripe and here, and reconcile has run in each of them. */
async function days(session: CreateResponse, count: number): Promise<number> {
  let looks = 0;
  for (let day = 0; day < count; day += 1) {
    await shop.later(DAY);
    await letPass(shop, session, "1 day");
    looks += (await reconcile()).sessions.settled;
  }
  await shop.idle();
  return looks;
}

describe("a payment that takes days", () => {
  it("is processing for as long as it takes, long after the session's hour, and then succeeds", async () => {
    const { priceId } = await product();
    const user = "waits-for-the-bank";
    const session = await shop.create({ priceId, user });
    expect(await shop.pay(session, ACCOUNT)).toMatchObject({
      success: false,
      status: "processing",
    });
    expect(await days(session, 3)).toBeGreaterThanOrEqual(3);
    expect(await shop.status(session)).toMatchObject({ status: "processing", features: [] });
    expect(
      await shop.query("select from billing.subscriptions where checkout_session_id = $1", [
        session.id,
      ]),
    ).toEqual([]);

    await days(session, 2);
    expect(await shop.status(session)).toMatchObject({
      status: "succeeded",
      subscription: { status: "active" },
    });
    expect(await shop.charges(session)).toEqual([4900]);
  });

  it("takes no other card meanwhile: nobody pays twice", async () => {
    const { priceId } = await product();
    const session = await shop.create({ priceId });
    await shop.pay(session, ACCOUNT);
    expect(await shop.pay(session)).toMatchObject({ success: false, status: "processing" });
    await days(session, 2);
    expect(await shop.pay(session)).toMatchObject({ success: false, status: "processing" });
    await days(session, 3);
    expect(await shop.charges(session)).toEqual([4900]);
  });

  it("through SEPA is the same in euros", async () => {
    const { priceId } = await shop.sell("In-euros", { amount: 4900, currency: "eur" });
    const session = await shop.create({ priceId });
    const { id } = await shop.stripe.paymentMethods.create({
      type: "sepa_debit",
      sepa_debit: { iban: "DE89370400440532013000" },
      billing_details: { name: "Jenny Rosen", email: "jenny@example.com" },
    });
    expect(await shop.pay(session, id)).toMatchObject({ success: false, status: "processing" });
    await days(session, 5);
    expect(await shop.status(session)).toMatchObject({
      status: "succeeded",
      subscription: { status: "active" },
    });
    expect(await shop.charges(session)).toEqual([4900]);
  });

  it("begins its period when the money came, and not when it was sent for", async () => {
    const { priceId } = await product();
    const session = await shop.create({ priceId });
    await shop.pay(session, ACCOUNT);
    await days(session, 5);
    const { now } = await shop.clock();
    const { subscription } = await shop.status(session);
    const start = Date.parse(subscription?.currentPeriodStart ?? "") / 1000;
    const end = Date.parse(subscription?.currentPeriodEnd ?? "") / 1000;
    expect(now - start).toBeLessThan(2 * DAY);
    expect(end).toBe(periodEnd(start, { interval: "month", intervalCount: 1 }));
  });

  it("that fails within the hour opens the session for another card, and says why", async () => {
    const { priceId } = await product();
    const session = await shop.create({ priceId });
    await shop.pay(session, EMPTY);
    await shop.admin("POST", `/debits/${session.paymentIntentId}/fail`);
    await shop.idle();
    const open = await shop.status(session);
    expect(open).toMatchObject({ status: "pending", error: { code: "payment_failed" } });
    expect(open.error?.message).toContain("payment method");
    expect(await shop.pay(session)).toMatchObject({ status: "active" });
    expect(await shop.charges(session)).toEqual([4900]);
  });

  it("that fails after days is expired with its reason, and is bought anew", async () => {
    const { priceId } = await product();
    const user = "has-no-funds";
    const session = await shop.create({ priceId, user });
    await shop.pay(session, EMPTY);
    await days(session, 5);
    expect(await shop.status(session)).toMatchObject({
      status: "expired",
      error: { code: "payment_failed" },
      features: [],
    });
    expect(await refusal(shop.pay(session))).toMatchObject({
      status: 410,
      code: "session_expired",
    });
    const again = await shop.create({ priceId, user });
    expect(await shop.pay(again)).toMatchObject({ status: "active" });
    expect(await shop.charges(again)).toEqual([4900]);
  });

  it("of a trial is set up at once, and debited at the trial's end", async () => {
    const { priceId } = await product(14);
    const session = await shop.create({ priceId });
    expect(await shop.pay(session, ACCOUNT)).toMatchObject({ status: "trialing" });
    await shop.later(15 * DAY);
    const [invoice] = await shop.invoices(session);
    expect(invoice).toBe(4900);
    await shop.later(6 * DAY);
    expect(await shop.charges(session)).toEqual([4900]);
    expect(await shop.status(session)).toMatchObject({ subscription: { status: "active" } });
  });
});
