import { afterEach, describe, expect, it, vi } from "vitest";
import type { FulfillmentPlan } from "../../../../shared/domain/plans.ts";
import { subscriptions } from "../../../../shared/stripe/subscriptions.ts";
import { CREATED, subscription } from "./answers.ts";
import { HOME, invoice, ORGANIZATION, plan, SESSION } from "./plans.ts";
import {
  type Answer,
  answer,
  invalid,
  listOf,
  lost,
  mismatch,
  missing,
  recordedStripe,
  replayed,
} from "./recorded.ts";

const LIST = "GET /v1/subscriptions";
const CREATE = "POST /v1/subscriptions";
const READ = "GET /v1/subscriptions/sub_new";
const KEY = `subscription:${SESSION}:cus_OabcDEF`;

const made = { ...subscription, id: "sub_new", status: "incomplete", latest_invoice: invoice };
const found = { ...made, id: "sub_found" };

async function create(
  answers: Readonly<Record<string, readonly Answer[]>>,
  differs: Partial<FulfillmentPlan> = {},
  couponId?: string,
) {
  const { stripe, seen, calls } = recordedStripe(answers);
  const outcome = await subscriptions(stripe)
    .findOrCreate({ ...plan, ...differs }, "cus_OabcDEF", couponId)
    .then(({ id }) => id, (error: unknown) => error);
  const keys = seen.filter(({ call }) => call === CREATE).map(({ key }) => key);
  return { outcome, seen, calls: calls(), keys };
}

/** What Stripe is asked for a plan that differs. */
const asked = async (differs: Partial<FulfillmentPlan>, couponId?: string) =>
  (await create({ [CREATE]: [answer(made)] }, differs, couponId)).seen[0];

afterEach(() => {
  vi.useRealTimers();
});

describe("the session's subscription", () => {
  it("is billed by Stripe from its first period on, by an invoice for which no card is tried", async () => {
    const { outcome, seen } = await create({ [CREATE]: [answer(made)] });
    expect(outcome).toBe("sub_new");
    expect(seen).toEqual([{
      call: CREATE,
      account: null,
      key: KEY,
      parameters: {
        customer: "cus_OabcDEF",
        // The one that was charged: a price may have several.
        currency: "usd",
        "items[0][price]": "price_1NabcDEF",
        "items[0][quantity]": "1",
        payment_behavior: "default_incomplete",
        default_payment_method: "pm_1NabcDEF",
        "metadata[checkout_session_id]": SESSION,
        "metadata[organization_id]": ORGANIZATION,
        "expand[0]": "latest_invoice",
      },
    }]);
  });

  it("is asked for in the same words whenever its plan is read", async () => {
    const everything: Partial<FulfillmentPlan> = {
      stripeAccountId: "acct_1",
      trialDays: 14,
      quantity: 3,
      tax: { address: HOME, taxId: null },
    };
    const atOnce = await asked(everything, "coupon-1");
    vi.useFakeTimers({ toFake: ["Date"], now: (CREATED + 9 * 86_400) * 1000 });
    const customer = { ...plan.customer, name: "Jenny", stripeGeneration: 2, createdAt: CREATED };
    const later = { mayRefund: false, news: 4, refundReason: "any", customer };
    const late = await asked({ ...everything, ...later }, "coupon-1");
    expect(JSON.stringify(late)).toBe(JSON.stringify(atOnce));
    expect(Object.keys(atOnce?.parameters ?? {}).join()).not.toMatch(
      /anchor|trial_end|_at|billing_mode/,
    );
  });

  it.each<[string, Partial<FulfillmentPlan>, Record<string, string>]>([
    ["seats", { quantity: 12 }, { "items[0][quantity]": "12" }],
    ["a trial, which is over without a card at its end", { trialDays: 14 }, {
      trial_period_days: "14",
      "trial_settings[end_behavior][missing_payment_method]": "cancel",
    }],
    ["the trace that its session began in", { traceId: "0af7651916cd43dd8448eb211c80319c" }, {
      "metadata[trace_id]": "0af7651916cd43dd8448eb211c80319c",
    }],
    ["taxes", { tax: { address: HOME, taxId: null } }, { "automatic_tax[enabled]": "true" }],
    ["the platform's fee on a connected account", { stripeAccountId: "acct_1" }, {
      application_fee_percent: "2.5",
    }],
  ])("has what was sold: %s", async (_what, differs, parameters) => {
    const seen = await asked(differs);
    expect(seen?.parameters).toMatchObject(parameters);
    expect(seen?.account).toBe(differs.stripeAccountId ?? null);
  });

  it.each<[string, Partial<FulfillmentPlan>]>([
    ["nothing is taken", { stripeAccountId: "acct_1", applicationFeeBps: 0 }],
    ["the account is the platform's own", {}],
  ])("pays no fee where %s", async (_when, differs) => {
    expect((await asked(differs))?.parameters).not.toHaveProperty("application_fee_percent");
  });

  it("has the session's coupon, which is no part of its key", async () => {
    const seen = await asked({}, "coupon-1");
    expect(seen?.parameters).toMatchObject({ "discounts[0][coupon]": "coupon-1" });
    expect(seen?.key).toBe(KEY);
  });
});

describe("a subscription whose key Stripe knows", () => {
  it("with other parameters is never made under another key", async () => {
    const { outcome, calls, keys } = await create({
      [CREATE]: [mismatch, answer(made)],
      [LIST]: [listOf()],
    });
    expect(outcome).toMatchObject({ code: "stripe_unavailable" });
    expect(keys).toEqual([KEY]);
    expect(calls).toEqual([CREATE, LIST]);
  });

  it("with other parameters is taken as made where it is there", async () => {
    const { outcome, keys } = await create({ [CREATE]: [mismatch], [LIST]: [listOf(found)] });
    expect({ outcome, keys }).toEqual({ outcome: "sub_found", keys: [KEY] });
  });

  it.each([
    ["a refusal", replayed(invalid({ param: "items[0][price]" }))],
    ["a missing coupon", replayed(missing("discounts[0][coupon]"))],
  ])("for %s since an earlier time is asked for anew, after looking", async (_what, kept) => {
    const { outcome, calls, keys } = await create({
      [CREATE]: [kept, answer(made)],
      [LIST]: [listOf()],
    });
    expect(outcome).toBe("sub_new");
    expect(calls).toEqual([CREATE, LIST, CREATE]);
    expect(keys).toEqual([KEY, `${KEY}:2`]);
  });

  it("for a refusal is not made again where looking finds it", async () => {
    const { outcome, keys } = await create({
      [CREATE]: [replayed(invalid()), answer(made)],
      [LIST]: [listOf(found)],
    });
    expect({ outcome, keys }).toEqual({ outcome: "sub_found", keys: [KEY] });
  });

  it("is read as it is now: a replayed answer is how it was then", async () => {
    const paid = { ...made, status: "active", latest_invoice: { ...invoice, status: "paid" } };
    const { stripe, calls } = recordedStripe({
      [CREATE]: [replayed(answer(made))],
      [READ]: [answer(paid)],
    });
    const seen = await subscriptions(stripe).findOrCreate(plan, "cus_OabcDEF", undefined);
    expect(seen).toMatchObject({ status: "active", latest_invoice: { status: "paid" } });
    expect(calls()).toEqual([CREATE, READ]);
  });
});

describe("a subscription that cannot be made", () => {
  it("is refused at once, and under no other key, where Stripe says no just now", async () => {
    const { outcome, keys } = await create({
      [CREATE]: [invalid({ param: "items[0][price]" }), answer(made)],
      [LIST]: [listOf()],
    });
    expect(outcome).toMatchObject({ name: "CheckoutError", isFinal: true });
    expect(keys).toEqual([KEY]);
  });

  it("or whose answer is lost is looked for, and asked for under no other key", async () => {
    const { outcome, keys } = await create({ [CREATE]: [lost], [LIST]: [listOf()] });
    expect(outcome).toMatchObject({ code: "stripe_unavailable" });
    expect(new Set(keys)).toEqual(new Set([KEY]));
  });
});

it("a subscription is never read without its invoice", async () => {
  const { stripe } = recordedStripe({
    [READ]: [answer({ ...made, latest_invoice: "in_1NabcDEF" })],
  });
  await expect(subscriptions(stripe).retrieve("sub_new", null))
    .rejects.toThrow("subscription sub_new was read without its invoice");
});
