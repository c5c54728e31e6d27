import { describe, expect, it } from "vitest";
import { intentFacts, subscriptionFacts } from "../../../../shared/stripe/facts.ts";
import {
  charge,
  CREATED,
  declinedIntent,
  paymentIntent,
  readIntent,
  readSubscription,
  subscription,
  succeededIntent,
} from "./answers.ts";

const factsOfIntent = async (object: object) => intentFacts(await readIntent(object));
const factsOfSubscription = async (object: object) =>
  subscriptionFacts(await readSubscription(object), { stripeItemId: "si_OabcDEF" });

describe("what is kept of a payment intent", () => {
  it("is its id and status until the first attempt", async () => {
    expect(await factsOfIntent(paymentIntent)).toEqual({
      id: "pi_3NabcDEF",
      status: "requires_payment_method",
    });
  });

  it("is the card, the charge and when the money came, once it has", async () => {
    expect(await factsOfIntent(succeededIntent)).toEqual({
      id: "pi_3NabcDEF",
      status: "succeeded",
      paymentMethodId: "pm_1NabcDEF",
      chargeId: "ch_3NabcDEF",
      succeededAt: CREATED + 95,
    });
  });

  it("leaves the time out for a bank debit, which was charged days before its money came", async () => {
    const debit = { ...charge, payment_method_details: { type: "us_bank_account" } };
    const facts = await factsOfIntent({ ...succeededIntent, latest_charge: debit });
    expect(facts).not.toHaveProperty("succeededAt");
  });

  it("takes the time from the charge and not from the intent, which may be an hour older", async () => {
    const late = { ...succeededIntent, latest_charge: { ...charge, created: CREATED + 3_599 } };
    expect(await factsOfIntent(late)).toMatchObject({ succeededAt: CREATED + 3_599 });
  });

  it("is the same where the card is read with it", async () => {
    const expanded = {
      ...succeededIntent,
      payment_method: { id: "pm_1NabcDEF", object: "payment_method" },
    };
    expect(await factsOfIntent(expanded)).toEqual(await factsOfIntent(succeededIntent));
  });

  it.each([["only its id", "ch_3NabcDEF"], ["nothing", null]])(
    "cannot be told of a success that was read with %s of its charge",
    async (_what, latest_charge) => {
      await expect(factsOfIntent({ ...succeededIntent, latest_charge }))
        .rejects.toThrow("payment intent pi_3NabcDEF was read without its charge");
    },
  );

  it("is the refusal, once a card was declined", async () => {
    expect(await factsOfIntent(declinedIntent)).toEqual({
      id: "pi_3NabcDEF",
      status: "requires_payment_method",
      chargeId: "ch_3NabcDEF",
      error: {
        code: "card_declined",
        declineCode: "insufficient_funds",
        message: "Your card has insufficient funds. Please try another card.",
      },
    });
  });

  it("is a failed authentication, once the bank could not confirm", async () => {
    const error = {
      type: "invalid_request_error",
      code: "payment_intent_authentication_failure",
      message: "The provided PaymentMethod has failed authentication.",
    };
    expect(await factsOfIntent({ ...paymentIntent, last_payment_error: error }))
      .toMatchObject({ error: { code: "authentication_failed" } });
  });

  it.each(["requires_action", "requires_confirmation", "processing", "succeeded", "canceled"])(
    "forgets an earlier card's refusal when another is at work: %s",
    async (status) => {
      const again = {
        ...succeededIntent,
        status,
        last_payment_error: declinedIntent.last_payment_error,
      };
      expect(await factsOfIntent(again)).not.toHaveProperty("error");
    },
  );

  it("has no time of success before there is one", async () => {
    const processing = {
      ...succeededIntent,
      status: "processing",
      latest_charge: { ...charge, paid: false },
    };
    expect(await factsOfIntent(processing)).toEqual({
      id: "pi_3NabcDEF",
      status: "processing",
      paymentMethodId: "pm_1NabcDEF",
      chargeId: "ch_3NabcDEF",
    });
  });

  it("never holds a client secret, an e-mail address or Stripe's own words", async () => {
    const talkative = {
      ...declinedIntent,
      receipt_email: "jenny@example.com",
      next_action: {
        type: "use_stripe_sdk",
        use_stripe_sdk: { stripe_js: "https://hooks.example" },
      },
    };
    const kept = JSON.stringify(await factsOfIntent(talkative));
    expect(kept).not.toMatch(/secret|jenny|hooks/);
  });
});

describe("what is kept of a subscription", () => {
  it("is its status and the period of its item", async () => {
    expect(await factsOfSubscription(subscription)).toEqual({
      id: "sub_1NabcDEF",
      status: "active",
      stripeItemId: "si_OabcDEF",
      stripePriceId: "price_1NabcDEF",
      quantity: 1,
      currentPeriodStart: CREATED + 100,
      currentPeriodEnd: CREATED + 2_592_000,
      cancelAtPeriodEnd: false,
      cancelAt: null,
      collectionPaused: null,
      collectionResumesAt: null,
      pendingUpdateExpiresAt: null,
      scheduled: false,
      collectionMethod: "charge_automatically",
      madeByApplication: true,
      canceledAt: null,
      endedAt: null,
      trialEnd: null,
    });
  });

  it.each([
    ["an end at a date", { cancel_at: CREATED + 9 }, { cancelAt: CREATED + 9 }],
    [
      "a pause without an end",
      { pause_collection: { behavior: "void", resumes_at: null } },
      { collectionPaused: "void", collectionResumesAt: null },
    ],
    [
      "a pause that ends",
      { pause_collection: { behavior: "keep_as_draft", resumes_at: CREATED + 9 } },
      { collectionPaused: "keep_as_draft", collectionResumesAt: CREATED + 9 },
    ],
    [
      "an update that waits for its payment",
      { pending_update: { expires_at: CREATED + 9 } },
      { pendingUpdateExpiresAt: CREATED + 9 },
    ],
    ["a schedule", { schedule: "sub_sched_1NabcDEF" }, { scheduled: true }],
    ["invoices that are sent", { collection_method: "send_invoice" }, {
      collectionMethod: "send_invoice",
    }],
    ["that no application made it", { application: null }, { madeByApplication: false }],
  ])("is what stands beside its status: %s", async (_what, state, facts) => {
    expect(await factsOfSubscription({ ...subscription, ...state }))
      .toMatchObject({ status: "active", cancelAtPeriodEnd: false, ...facts });
  });

  it("is its end, once it is ending or over", async () => {
    const ended = {
      ...subscription,
      status: "canceled",
      cancel_at_period_end: true,
      canceled_at: CREATED + 500,
      ended_at: CREATED + 600,
      trial_end: CREATED + 400,
    };
    expect(await factsOfSubscription(ended)).toMatchObject({
      status: "canceled",
      cancelAtPeriodEnd: true,
      canceledAt: CREATED + 500,
      endedAt: CREATED + 600,
      trialEnd: CREATED + 400,
    });
  });

  it.each([
    "incomplete",
    "incomplete_expired",
    "trialing",
    "active",
    "past_due",
    "canceled",
    "unpaid",
    "paused",
  ])("keeps Stripe's word for its status: %s", async (status) => {
    expect(await factsOfSubscription({ ...subscription, status })).toMatchObject({ status });
  });

  const addOn = {
    ...subscription.items.data[0],
    id: "si_OaddOn",
    created: 2,
    price: { id: "price_1AddOn", object: "price" },
    quantity: 7,
  };
  const own = { ...subscription.items.data[0], created: 1 };
  const withAddOn = { ...subscription, items: { ...subscription.items, data: [addOn, own] } };

  it.each([
    ["by its id, whatever its price is now", { stripeItemId: "si_OabcDEF", stripePriceId: "gone" }],
    ["by its price, where its id is not known", { stripePriceId: "price_1NabcDEF" }],
    ["by its age, where neither is there any more", {
      stripeItemId: "gone",
      stripePriceId: "gone",
    }],
  ])("is told by the item that was sold, not by the first: %s", async (_how, known) => {
    const facts = subscriptionFacts(await readSubscription(withAddOn), known);
    expect(facts).toMatchObject({ stripeItemId: "si_OabcDEF", quantity: 1 });
  });

  it("cannot be told without an item", async () => {
    const empty = { ...subscription, items: { ...subscription.items, data: [] } };
    await expect(factsOfSubscription(empty)).rejects.toThrow(
      "subscription sub_1NabcDEF has no item",
    );
  });
});
