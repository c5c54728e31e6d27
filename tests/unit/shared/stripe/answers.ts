import Stripe from "stripe";
import { STRIPE_API_VERSION } from "../../../../shared/stripe/client.ts";

/** Stripe's own client, whose every request is answered here instead of over the network. */
export function stripeAnswering(
  answer: (request: Request) => Response | Promise<Response>,
): Stripe {
  const fetchHere = async (input: URL | RequestInfo, init?: RequestInit) =>
    answer(new Request(input, init));
  return new Stripe("sk_test_51NabcDEF", {
    apiVersion: STRIPE_API_VERSION,
    httpClient: Stripe.createFetchHttpClient(fetchHere),
    maxNetworkRetries: 0,
    telemetry: false,
  });
}

/** An object as Stripe's client reads it from an answer. */
export const readIntent = (object: object): Promise<Stripe.PaymentIntent> =>
  stripeAnswering(() => Response.json(object)).paymentIntents.retrieve("pi_3NabcDEF");
export const readSubscription = (object: object): Promise<Stripe.Subscription> =>
  stripeAnswering(() => Response.json(object)).subscriptions.retrieve("sub_1NabcDEF");

/** Unix seconds. */
export const CREATED = 1_795_411_826;

export const charge = {
  id: "ch_3NabcDEF",
  object: "charge",
  amount: 2_900,
  created: CREATED + 95,
  currency: "usd",
  paid: true,
  payment_intent: "pi_3NabcDEF",
  payment_method: "pm_1NabcDEF",
  payment_method_details: { type: "card" },
  status: "succeeded",
};

/** A payment intent as it is made: without an attempt. */
export const paymentIntent = {
  id: "pi_3NabcDEF",
  object: "payment_intent",
  amount: 2_900,
  amount_received: 0,
  application_fee_amount: null,
  automatic_payment_methods: { allow_redirects: "never", enabled: true },
  canceled_at: null,
  client_secret: "pi_3NabcDEF_secret_xYz123",
  confirmation_method: "automatic",
  created: CREATED,
  currency: "usd",
  customer: null,
  last_payment_error: null,
  latest_charge: null,
  livemode: false,
  metadata: { checkout_session_id: "0197f0c1-2345-4890-8bcd-1234567890ab" },
  next_action: null,
  payment_method: null,
  payment_method_types: ["card", "us_bank_account"],
  setup_future_usage: "off_session",
  status: "requires_payment_method",
};

/** The same after a card was declined: the card is gone from it, and the error tells why. */
export const declinedIntent = {
  ...paymentIntent,
  latest_charge: { ...charge, paid: false, status: "failed", failure_code: "card_declined" },
  last_payment_error: {
    type: "card_error",
    code: "card_declined",
    decline_code: "insufficient_funds",
    charge: "ch_3NabcDEF",
    message: "Your card has insufficient funds.",
    payment_method: { id: "pm_1NabcDEF", object: "payment_method", type: "card" },
  },
};

export const succeededIntent = {
  ...paymentIntent,
  status: "succeeded",
  amount_received: 2_900,
  payment_method: "pm_1NabcDEF",
  latest_charge: charge,
};

/** A subscription whose first invoice the payment intent has paid. */
export const subscription = {
  id: "sub_1NabcDEF",
  object: "subscription",
  billing_cycle_anchor: CREATED + 2_592_000,
  cancel_at: null,
  cancel_at_period_end: false,
  canceled_at: null,
  collection_method: "charge_automatically",
  created: CREATED + 100,
  customer: "cus_OabcDEF",
  default_payment_method: "pm_1NabcDEF",
  ended_at: null,
  items: {
    object: "list",
    data: [{
      id: "si_OabcDEF",
      object: "subscription_item",
      current_period_start: CREATED + 100,
      current_period_end: CREATED + 2_592_000,
      price: { id: "price_1NabcDEF", object: "price" },
      quantity: 1,
      subscription: "sub_1NabcDEF",
    }],
    has_more: false,
    url: "/v1/subscription_items?subscription=sub_1NabcDEF",
  },
  livemode: false,
  metadata: { checkout_session_id: "0197f0c1-2345-4890-8bcd-1234567890ab" },
  pause_collection: null,
  pending_update: null,
  schedule: null,
  status: "active",
  trial_end: null,
  trial_start: null,
};
