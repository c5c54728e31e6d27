import type Stripe from "stripe";
import { type DescribedSession, stripeMetadata } from "../domain/metadata.ts";
import { present } from "../runtime/present.ts";
import type { Account } from "./account.ts";
import { idempotencyKey } from "./idempotency.ts";
import { writeOrRefuse } from "./write.ts";

/** A payment that a session asks for. */
export interface NewPaymentIntent extends DescribedSession {
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly applicationFeeAmount: number;
  readonly description: string;
  readonly stripeCustomerId: string | null;
}

/** The call that begins a payment. */
export interface PaymentIntents {
  create(input: NewPaymentIntent, account: Account): Promise<Stripe.PaymentIntent>;
}

export const paymentIntents = (stripe: Stripe): PaymentIntents => ({
  async create(input, account) {
    const parameters: Stripe.PaymentIntentCreateParams = {
      amount: input.amount,
      currency: input.currency,
      // The customer stays in the app, so methods that live on another site are not offered.
      automatic_payment_methods: { enabled: true, allow_redirects: "never" },
      // Lets the paid card be attached to the customer, who is created only after the payment.
      setup_future_usage: "off_session",
      description: input.description,
      metadata: stripeMetadata(input),
      ...present({ customer: input.stripeCustomerId }),
      ...(account === null || input.applicationFeeAmount === 0
        ? {}
        : { application_fee_amount: input.applicationFeeAmount }),
    };
    return writeOrRefuse({
      account,
      idempotencyKey: await idempotencyKey("intent", input.sessionId, parameters),
      run: (keyed) => stripe.paymentIntents.create(parameters, keyed),
      // Nobody holds the secret of an intent whose answer was lost: reconcile cancels it.
      find: () => Promise.resolve(undefined),
    });
  },
});
