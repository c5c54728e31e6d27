import type Stripe from "stripe";
import { idOf } from "./ids.ts";

/** What a session's customer pays or sets up a card with. */
export type CheckoutIntent = Stripe.PaymentIntent | Stripe.SetupIntent;

export interface ConfirmParameters {
  readonly payment_method: string;
  readonly return_url?: string;
  readonly use_stripe_sdk?: boolean;
  readonly mandate_data?: Stripe.SetupIntentConfirmParams.MandateData;
}

/** The calls that payment intents and set-up intents have in common; `unexpectedState` is Stripe's word for a refusal. */
export interface IntentCalls {
  retrieve(id: string, options: Stripe.RequestOptions): Promise<CheckoutIntent>;
  confirm(
    id: string,
    parameters: ConfirmParameters,
    options: Stripe.RequestOptions,
  ): Promise<CheckoutIntent>;
  cancel(
    id: string,
    parameters: { readonly cancellation_reason: "abandoned" },
    options: Stripe.RequestOptions,
  ): Promise<CheckoutIntent>;
  readonly unexpectedState: string;
}

/** Each is read with what its facts and its fulfillment need: the charge tells when the money came, the method whose card it is. */
export function intentCalls(stripe: Stripe): (id: string) => IntentCalls {
  const withCharge = { expand: ["latest_charge", "payment_method"] };
  const withMethod = { expand: ["payment_method"] };
  const payment: IntentCalls = {
    retrieve: (id, options) => stripe.paymentIntents.retrieve(id, withCharge, options),
    confirm: (id, parameters, options) =>
      stripe.paymentIntents.confirm(id, { ...parameters, ...withCharge }, options),
    cancel: (id, parameters, options) => stripe.paymentIntents.cancel(id, parameters, options),
    unexpectedState: "payment_intent_unexpected_state",
  };
  const setup: IntentCalls = {
    retrieve: (id, options) => stripe.setupIntents.retrieve(id, withMethod, options),
    confirm: (id, parameters, options) =>
      stripe.setupIntents.confirm(id, { ...parameters, ...withMethod }, options),
    cancel: (id, parameters, options) => stripe.setupIntents.cancel(id, parameters, options),
    unexpectedState: "setup_intent_unexpected_state",
  };
  return (id) => id.startsWith("seti_") ? setup : payment;
}

/** The payment method's id, whether or not it was read along. */
export function methodIdOf({ payment_method: method }: CheckoutIntent): string | null {
  return typeof method === "string" ? method : method?.id ?? null;
}

/** Whose the payment method is, null for nobody's; undefined where it was not read along. */
export function cardOwnerOf({ payment_method: method }: CheckoutIntent): string | null | undefined {
  if (method === null || typeof method === "string") return undefined;
  return method.customer === null ? null : idOf(method.customer);
}

/** Why the last card was refused, as the intent remembers it. */
export const lastErrorOf = (intent: CheckoutIntent) =>
  intent.object === "setup_intent" ? intent.last_setup_error : intent.last_payment_error;
