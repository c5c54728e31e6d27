import { newClientSecret, newId } from "../core/ids.ts";
import type { PaymentIntent } from "../store/types.ts";

/** The application id that Stripe shows on what a platform makes on a merchant's account. */
export const APPLICATION = "ca_Simulator000000000000000000000";

export type NewPaymentIntent =
  & Pick<PaymentIntent, "amount" | "currency" | "created">
  & Partial<PaymentIntent>;

export function newPaymentIntent(given: NewPaymentIntent): PaymentIntent {
  const id = newId("pi");
  return {
    id,
    object: "payment_intent",
    allowed_payment_method_types: null,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: "automatic_async",
    client_secret: newClientSecret(id),
    confirmation_method: "automatic",
    customer: null,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ["card"],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: "requires_payment_method",
    transfer_data: null,
    transfer_group: null,
    ...given,
  };
}

/** The kinds of payment method that can pay in a currency. */
export function methodTypesFor(currency: string): string[] {
  if (currency === "usd") return ["card", "us_bank_account"];
  if (currency === "eur") return ["card", "sepa_debit"];
  return ["card"];
}
