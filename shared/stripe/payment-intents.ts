import type Stripe from "stripe";
import { StripeRefusal } from "./errors.ts";
import { idempotencyKey } from "./idempotency.ts";
import { read, writeOrRefuse } from "./write.ts";

/** Null is the platform's own account. */
export type Account = string | null;

export const onAccount = (account: Account): Stripe.RequestOptions =>
  account === null ? {} : { stripeAccount: account };

export interface NewPaymentIntent {
  readonly sessionId: string;
  readonly organizationId: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly applicationFeeAmount: number;
  readonly description: string;
  readonly stripeCustomerId: string | null;
  /** That the tax in the amount follows from: Stripe reports it once the intent is paid. */
  readonly stripeTaxCalculationId: string | null;
}

/** A payment that cannot be honoured. */
export interface PaymentToRefund {
  readonly sessionId: string;
  readonly stripePaymentIntentId: string;
  readonly stripeAccountId: Account;
  readonly applicationFeeAmount: number;
}

/** The calls about payment intents. */
export function paymentIntents(stripe: Stripe) {
  return {
    async create(input: NewPaymentIntent, account: Account): Promise<Stripe.PaymentIntent> {
      const parameters: Stripe.PaymentIntentCreateParams = {
        amount: input.amount,
        currency: input.currency,
        // The customer stays in the app, so methods that live on another site are not offered.
        automatic_payment_methods: { enabled: true, allow_redirects: "never" },
        // Lets the paid card be attached to the customer, who is created only after the payment.
        setup_future_usage: "off_session",
        description: input.description,
        metadata: {
          checkout_session_id: input.sessionId,
          organization_id: input.organizationId,
        },
        ...(input.stripeCustomerId === null ? {} : { customer: input.stripeCustomerId }),
        ...(input.stripeTaxCalculationId === null
          ? {}
          : { hooks: { inputs: { tax: { calculation: input.stripeTaxCalculationId } } } }),
        ...(account === null || input.applicationFeeAmount === 0
          ? {}
          : { application_fee_amount: input.applicationFeeAmount }),
      };
      return writeOrRefuse({
        idempotencyKey: await idempotencyKey("intent", input.sessionId, parameters),
        run: (key) =>
          stripe.paymentIntents.create(parameters, { ...onAccount(account), idempotencyKey: key }),
        // Nobody holds the secret of an intent whose answer was lost: reconcile cancels it.
        find: () => Promise.resolve(undefined),
      });
    },

    /** Gives the whole payment back, with the platform's fee. Once: a second call answers the first one's refund. */
    async refund(payment: PaymentToRefund): Promise<Stripe.Refund> {
      const { sessionId, stripePaymentIntentId: id, stripeAccountId, applicationFeeAmount } =
        payment;
      const options = onAccount(stripeAccountId);
      const all = async () => {
        const { data } = await read(() =>
          stripe.refunds.list({ payment_intent: id, limit: 100 }, options)
        );
        return data.filter((refund) => !hasFailed(refund) || isOurs(refund));
      };
      const isOurs = ({ metadata }: Stripe.Refund) =>
        metadata?.["checkout_session_id"] === sessionId;
      const find = async () => (await all()).find((one) => isOurs(one) && !hasFailed(one));
      const earlier = (await all()).filter(isOurs);
      const standing = earlier.find((refund) => !hasFailed(refund));
      if (standing !== undefined) return standing;
      const parameters: Stripe.RefundCreateParams = {
        payment_intent: id,
        reason: "requested_by_customer",
        metadata: { checkout_session_id: sessionId },
        // Stripe refuses it for a charge that had no fee.
        ...(applicationFeeAmount === 0 ? {} : { refund_application_fee: true }),
      };
      const refund = writeOrRefuse({
        // A refund that failed at the bank is kept under its key: the next one needs another.
        idempotencyKey: await idempotencyKey(
          "refund",
          `${sessionId}:${earlier.length}`,
          parameters,
        ),
        run: (key) => stripe.refunds.create(parameters, { ...options, idempotencyKey: key }),
        find,
      });
      try {
        return await refund;
      } catch (error) {
        // Somebody gave it back by hand: that is what was wanted.
        const byHand = isAlreadyRefunded(error)
          ? (await all()).find((one) => !hasFailed(one))
          : undefined;
        if (byHand === undefined) throw error;
        return byHand;
      }
    },
  };
}

export type PaymentIntents = ReturnType<typeof paymentIntents>;

const hasFailed = ({ status }: Stripe.Refund) => status === "failed" || status === "canceled";

const isAlreadyRefunded = (error: unknown) =>
  error instanceof StripeRefusal && error.stripeCode === "charge_already_refunded";
