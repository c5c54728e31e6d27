import { describe, expect, it } from "vitest";
import type { FulfilmentPlan } from "../../../../shared/database/rows.ts";
import { subscriptions } from "../../../../shared/stripe/subscriptions.ts";
import { subscription } from "./answers.ts";
import { type Answer, answer, listOf, recordedStripe, refusal } from "./recorded.ts";

const SESSION = "0197f0c1-2345-4890-8bcd-1234567890ab";
const CUSTOMER = "0197f0c1-2345-4890-8bcd-1234567890ef";
/** 10 March 2026, noon, in Unix seconds; a month later is 10 April. */
const PAID = Date.UTC(2026, 2, 10, 12) / 1000;
const MONTH_LATER = Date.UTC(2026, 3, 10, 12) / 1000;
const HOUR = 3_600;

const plan: FulfilmentPlan = {
  sessionId: SESSION,
  organizationId: "0197f0c1-2345-4890-8bcd-1234567890cd",
  stripeAccountId: null,
  change: null,
  intentKind: "payment",
  trialDays: 0,
  tax: null,
  stripePaymentIntentId: "pi_3NabcDEF",
  stripePaymentMethodId: "pm_1NabcDEF",
  paidAt: PAID,
  refundReason: null,
  mayRefund: true,
  stripePriceId: "price_1NabcDEF",
  quantity: 1,
  discount: null,
  discountId: null,
  interval: "month",
  intervalCount: 1,
  applicationFeeBps: 250,
  applicationFeeAmount: 72,
  customer: {
    id: CUSTOMER,
    externalId: "user_42",
    email: "jenny@example.com",
    name: null,
    stripeGeneration: 1,
    createdAt: PAID,
    stripeCustomerId: "cus_OabcDEF",
  },
};

function at(now: number, answers: Readonly<Record<string, readonly Answer[]>>) {
  const { stripe, seen, calls } = recordedStripe(answers);
  return { ports: subscriptions(stripe, () => now), seen, calls };
}

/** What Stripe is asked for a plan that differs. */
const asked = async (differs: Partial<FulfilmentPlan>) => {
  const { ports, seen } = at(PAID, { "POST /v1/subscriptions": [answer(subscription)] });
  await ports.findOrCreate({ ...plan, ...differs }, "cus_OabcDEF");
  return seen[0];
};

describe("the session's subscription", () => {
  const LIST = "GET /v1/subscriptions";
  const CREATE = "POST /v1/subscriptions";
  const made = { ...subscription, id: "sub_new" };

  it("starts behind the period that was paid, which Stripe does not charge again", async () => {
    const { ports, seen } = at(PAID + 60, { [CREATE]: [answer(made)] });
    expect((await ports.findOrCreate(plan, "cus_OabcDEF")).id).toBe("sub_new");
    expect(seen).toEqual([{
      call: CREATE,
      account: null,
      key: `subscription:${SESSION}`,
      parameters: {
        customer: "cus_OabcDEF",
        "items[0][price]": "price_1NabcDEF",
        "items[0][quantity]": "1",
        default_payment_method: "pm_1NabcDEF",
        "billing_mode[type]": "classic",
        billing_cycle_anchor: String(MONTH_LATER),
        proration_behavior: "none",
        "metadata[checkout_session_id]": SESSION,
        "metadata[organization_id]": plan.organizationId,
      },
    }]);
  });

  it("is asked for in the same words again, so that Stripe makes one", async () => {
    const first = at(PAID + 60, { [CREATE]: [answer(made)] });
    const second = at(PAID + 9 * HOUR, { [CREATE]: [answer(made)] });
    await first.ports.findOrCreate(plan, "cus_OabcDEF");
    await second.ports.findOrCreate(plan, "cus_OabcDEF");
    expect(second.seen).toEqual(first.seen);
  });

  it("pays the platform's fee on a connected account, and none where there is none", async () => {
    const connected = await asked({ stripeAccountId: "acct_1" });
    expect(connected).toMatchObject({
      account: "acct_1",
      parameters: { application_fee_percent: "2.5" },
    });
    const free = await asked({ stripeAccountId: "acct_1", applicationFeeBps: 0 });
    expect(free?.parameters).not.toHaveProperty("application_fee_percent");
    expect((await asked({}))?.parameters).not.toHaveProperty("application_fee_percent");
  });

  it("is looked for first where Stripe may have forgotten the key", async () => {
    const { ports, calls } = at(PAID + 13 * HOUR, { [LIST]: [listOf(subscription)] });
    expect((await ports.findOrCreate(plan, "cus_OabcDEF")).id).toBe(subscription.id);
    expect(calls()).toEqual([LIST]);
  });

  it("is not another session's of the same customer", async () => {
    const other = { ...subscription, metadata: { checkout_session_id: CUSTOMER } };
    const { ports } = at(PAID + 13 * HOUR, {
      [LIST]: [listOf(other, { ...other, metadata: {} })],
      [CREATE]: [answer(made)],
    });
    expect((await ports.findOrCreate(plan, "cus_OabcDEF")).id).toBe("sub_new");
  });

  it("is found where Stripe has made it and says that the words differ", async () => {
    const { ports } = at(PAID, {
      [CREATE]: [refusal(400, { type: "idempotency_error" })],
      [LIST]: [listOf(subscription)],
    });
    expect((await ports.findOrCreate(plan, "cus_OabcDEF")).id).toBe(subscription.id);
  });
});

describe("the customer", () => {
  const CREATE = "POST /v1/customers";
  const LIST = "GET /v1/customers";
  const made = { id: "cus_new", object: "customer", metadata: {} };

  it("is made with what our row says, under its key", async () => {
    const { ports, seen } = at(PAID, { [CREATE]: [answer(made)] });
    expect((await ports.createCustomer(plan)).id).toBe("cus_new");
    expect(seen[0]?.key).toMatch(new RegExp(`^customer:${CUSTOMER}:`));
    expect(seen[0]?.parameters).toEqual({
      "metadata[customer_id]": CUSTOMER,
      "metadata[organization_id]": plan.organizationId,
      "metadata[external_id]": "user_42",
      email: "jenny@example.com",
    });
  });

  it("is taken as made, where Stripe's answer was lost a day ago", async () => {
    const left = { ...made, id: "cus_left", metadata: { customer_id: CUSTOMER } };
    const { ports, calls } = at(PAID + 24 * HOUR, { [LIST]: [listOf(made, left)] });
    expect((await ports.createCustomer(plan)).id).toBe("cus_left");
    expect(calls()).toEqual([LIST]);
  });
});

describe("the paid card", () => {
  const READ = "GET /v1/payment_methods/pm_1NabcDEF";
  const ATTACH = "POST /v1/payment_methods/pm_1NabcDEF/attach";
  const card = { id: "pm_1NabcDEF", object: "payment_method", customer: null };

  it("is attached to the customer", async () => {
    const { ports, seen, calls } = at(PAID, { [ATTACH]: [answer(card)] });
    await ports.attachCard(plan, "cus_OabcDEF");
    expect(calls()).toEqual([ATTACH]);
    expect(seen[0]?.parameters).toMatchObject({ customer: "cus_OabcDEF" });
    expect(seen[0]?.key).toMatch(new RegExp(`^attach:${SESSION}:`));
  });

  it("may have been attached by another run meanwhile, to this customer and no other", async () => {
    const refused = refusal(400, {
      type: "invalid_request_error",
      code: "payment_method_unexpected_state",
    });
    const attachedTo = (customer: string) =>
      at(PAID, { [ATTACH]: [refused], [READ]: [answer({ ...card, customer })] }).ports;
    await expect(attachedTo("cus_OabcDEF").attachCard(plan, "cus_OabcDEF")).resolves.toBe(
      undefined,
    );
    await expect(attachedTo("cus_other").attachCard(plan, "cus_OabcDEF")).rejects
      .toMatchObject({ stripeCode: "payment_method_unexpected_state" });
  });

  it.each([
    ["its id", "cus_OabcDEF", "cus_OabcDEF"],
    ["itself", { id: "cus_OabcDEF", object: "customer" }, "cus_OabcDEF"],
    ["nobody", null, undefined],
  ])("names its owner: %s", async (_what, customer, owner) => {
    const { ports } = at(PAID, { [READ]: [answer({ ...card, customer })] });
    expect(await ports.cardOwner(plan)).toBe(owner);
  });
});

describe("what a refunded session left", () => {
  const LIST = "GET /v1/subscriptions";
  const live = { ...subscription, id: "sub_live" };
  const CARD = "GET /v1/payment_methods/pm_1NabcDEF";
  const loose = { [CARD]: [answer({ id: "pm_1NabcDEF", customer: null })] };
  const CANCEL = "DELETE /v1/subscriptions/sub_live";

  it("is canceled without a credit or a last invoice; what has ended is left", async () => {
    const { ports, calls, seen } = at(PAID, {
      ...loose,
      [LIST]: [listOf({ ...live, id: "sub_old", status: "canceled" }, live)],
      [CANCEL]: [answer({ ...live, status: "canceled" })],
    });
    await ports.cancelOf(plan);
    expect(calls()).toEqual([CARD, LIST, CANCEL]);
    expect(seen[2]?.key).toBe("surplus:sub_live");
  });

  it("is never another session's", async () => {
    const other = { ...live, metadata: { checkout_session_id: CUSTOMER } };
    const { ports, calls } = at(PAID, { ...loose, [LIST]: [listOf(other)] });
    await ports.cancelOf(plan);
    expect(calls()).toEqual([CARD, LIST]);
  });

  it("is looked for with the owner of the card, whoever the row names by now", async () => {
    const { ports, seen } = at(PAID, {
      [CARD]: [answer({ id: "pm_1NabcDEF", customer: "cus_owner" })],
      [LIST]: [listOf()],
    });
    await ports.cancelOf(plan);
    expect(seen[1]?.parameters).toMatchObject({ customer: "cus_owner" });
  });

  it("is looked for also where Stripe does not tell of the card", async () => {
    const missing = { type: "invalid_request_error", code: "resource_missing" };
    const { ports, calls } = at(PAID, { [CARD]: [refusal(404, missing)], [LIST]: [listOf()] });
    await ports.cancelOf(plan);
    expect(calls()).toEqual([CARD, LIST]);
  });

  it("is nothing where there was no customer yet", async () => {
    const { ports, calls } = at(PAID, { ...loose, "GET /v1/customers": [listOf()] });
    await ports.cancelOf({ ...plan, customer: { ...plan.customer, stripeCustomerId: null } });
    expect(calls()).toEqual([CARD, "GET /v1/customers"]);
  });

  it("is nothing where the customer was deleted at Stripe", async () => {
    const gone = refusal(404, {
      type: "invalid_request_error",
      code: "resource_missing",
      param: "customer",
    });
    const { ports } = at(PAID, { ...loose, [LIST]: [gone] });
    await expect(ports.cancelOf(plan)).resolves.toBeUndefined();
  });
});
