import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { DAY, refusalOf, RETURN_URL, useBench } from "./simulator.ts";

const bench = useBench();
const CONSENT = { customer_acceptance: { type: "offline" as const } };

const debited = (method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  bench.stripe.paymentIntents.create({
    amount: 2000,
    currency: "usd",
    confirm: true,
    payment_method: method,
    return_url: RETURN_URL,
    mandate_data: CONSENT,
    ...more,
  });

const statusOf = async (intent: Stripe.PaymentIntent) =>
  (await bench.stripe.paymentIntents.retrieve(intent.id)).status;

describe("a bank debit", () => {
  it("is processing until it is told to settle", async () => {
    const intent = await debited("pm_usBankAccount_success", { expand: ["latest_charge"] });
    expect(intent).toMatchObject({
      status: "processing",
      latest_charge: { status: "pending", paid: false },
    });
    const confirm = await refusalOf(bench.stripe.paymentIntents.confirm(intent.id));
    const cancel = await refusalOf(bench.stripe.paymentIntents.cancel(intent.id));
    expect([confirm.code, cancel.code]).toEqual([
      "payment_intent_unexpected_state",
      "payment_intent_unexpected_state",
    ]);
    await bench.admin("POST", `/debits/${intent.id}/settle`);
    expect(await statusOf(intent)).toBe("succeeded");
  });

  it("settles by itself after four days", async () => {
    const intent = await debited("pm_usBankAccount_success");
    await bench.advance(4 * DAY - 60);
    expect(await statusOf(intent)).toBe("processing");
    await bench.advance(120);
    expect(await statusOf(intent)).toBe("succeeded");
  });

  it.each([
    ["pm_usBankAccount_accountClosed", "account_closed"],
    ["pm_usBankAccount_insufficientFunds", "insufficient_funds"],
    ["pm_usBankAccount_debitNotAuthorized", "debit_not_authorized"],
  ])("with %s fails days later and frees the intent", async (id, reason) => {
    const intent = await debited(id);
    expect(intent.status).toBe("processing");
    await bench.advance(5 * DAY);
    const after = await bench.stripe.paymentIntents.retrieve(intent.id, {
      expand: ["latest_charge"],
    });
    expect(after).toMatchObject({
      status: "requires_payment_method",
      latest_charge: { status: "failed", failure_code: reason },
    });
  });

  it("fails for the reason that the bank is told to give", async () => {
    const intent = await debited("pm_usBankAccount_success");
    await bench.admin("POST", `/debits/${intent.id}/fail`, { reason: "account_closed" });
    expect(await statusOf(intent)).toBe("requires_payment_method");
    await bench.idle();
    expect(bench.types()).toContain("payment_intent.payment_failed");
  });

  it("needs the customer's consent, and the currency of its country", async () => {
    const bare = bench.stripe.paymentIntents.create({
      amount: 2000,
      currency: "usd",
      confirm: true,
      payment_method: "pm_usBankAccount_success",
      return_url: RETURN_URL,
    });
    expect((await refusalOf(bare)).code).toBe("payment_intent_mandate_invalid");
    const euros = debited("pm_usBankAccount_success", { currency: "eur" });
    expect((await refusalOf(euros)).code).toBe("payment_intent_incompatible_payment_method");
  });

  it("over SEPA takes an IBAN, a name and an e-mail address", async () => {
    const make = (iban: string) =>
      bench.stripe.paymentMethods.create({
        type: "sepa_debit",
        sepa_debit: { iban },
        billing_details: { name: "Jenny Rosen", email: "jenny@example.com" },
      });
    const good = await make("DE89370400440532013000");
    const bad = await make("DE62370400440532013001");
    const one = await debited(good.id, { currency: "eur" });
    const other = await debited(bad.id, { currency: "eur" });
    await bench.advance(5 * DAY);
    expect([await statusOf(one), await statusOf(other)]).toEqual([
      "succeeded",
      "requires_payment_method",
    ]);
  });
});
