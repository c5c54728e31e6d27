import type { CreateResponse } from "@billingos/checkout";
import type { StripeElementsOptionsMode } from "@stripe/stripe-js";

/**
 * For a Payment Element that makes a payment method, with which our function confirms:
 * https://docs.stripe.com/payments/finalize-payments-on-the-server. The amount is Stripe's, in minor units.
 */
export function elementOptions(
  { currency, totalAmount, clientSecret }: Pick<
    CreateResponse,
    "currency" | "totalAmount" | "clientSecret"
  >,
): StripeElementsOptionsMode {
  const shared = {
    currency,
    paymentMethodCreation: "manual",
    setupFutureUsage: "off_session",
  } as const;
  // A set-up intent has no amount: nothing is due now.
  return clientSecret.startsWith("seti_")
    ? { ...shared, mode: "setup" }
    : { ...shared, mode: "payment", amount: totalAmount };
}
