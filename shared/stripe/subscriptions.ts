import Stripe from "stripe";
import type { FulfilmentPlan } from "../database/rows.ts";
import { feePercent } from "../domain/application-fee.ts";
import { paidPeriod } from "../domain/billing-period.ts";
import { asCheckoutError, translated } from "./errors.ts";
import { idempotencyKey } from "./idempotency.ts";
import { onAccount } from "./payment-intents.ts";

/** Seconds after which Stripe may have forgotten an idempotency key (24 hours, less a wide margin). */
const KEYS_ARE_SAFE = 12 * 3600;

const belongsTo = (sessionId: string) => (subscription: Stripe.Subscription) =>
  subscription.metadata["checkout_session_id"] === sessionId;

/** The calls that fulfilment makes. Each can be repeated, after a crash and after Stripe has pruned its keys. */
export function subscriptions(stripe: Stripe, now: () => number) {
  /** Listing by customer is consistent at once; Stripe's search is not. */
  const listOf = async (plan: FulfilmentPlan, customer: string): Promise<Stripe.Subscription[]> => {
    const mine = belongsTo(plan.sessionId);
    return translated(async () => {
      const found: Stripe.Subscription[] = [];
      const pages = stripe.subscriptions.list(
        { customer, status: "all", limit: 100 },
        onAccount(plan.stripeAccountId),
      );
      for await (const one of pages) if (mine(one)) found.push(one);
      return found;
    });
  };

  return {
    retrieve: (id: string, account: string | null) =>
      translated(() => stripe.subscriptions.retrieve(id, {}, onAccount(account))),

    /** What Stripe is told of a new customer is frozen in our row, so that the key's parameters never differ. */
    async createCustomer({ customer, organizationId, stripeAccountId }: FulfilmentPlan) {
      const parameters: Stripe.CustomerCreateParams = {
        metadata: {
          customer_id: customer.id,
          organization_id: organizationId,
          external_id: customer.externalId,
        },
        ...(customer.email === null ? {} : { email: customer.email }),
        ...(customer.name === null ? {} : { name: customer.name }),
      };
      const key = await idempotencyKey("customer", customer.id, parameters);
      return translated(() =>
        stripe.customers.create(parameters, {
          ...onAccount(stripeAccountId),
          idempotencyKey: key,
        })
      );
    },

    /** The paid card becomes the customer's; a returning customer's payment has attached it already. */
    async attachCard(plan: FulfilmentPlan, customer: string): Promise<void> {
      const options = onAccount(plan.stripeAccountId);
      const id = plan.stripePaymentMethodId;
      await translated(async () => {
        const method = await stripe.paymentMethods.retrieve(id, {}, options);
        const owner = typeof method.customer === "string" ? method.customer : method.customer?.id;
        if (owner === customer) return;
        const key = await idempotencyKey("attach", plan.sessionId, { id, customer });
        await stripe.paymentMethods.attach(id, { customer }, { ...options, idempotencyKey: key });
      });
    },

    /** The session's subscription: found where it exists, else made, with the paid period behind it. */
    async findOrCreate(plan: FulfilmentPlan, customer: string): Promise<Stripe.Subscription> {
      const find = async () => (await listOf(plan, customer))[0];
      if (now() - plan.paidAt > KEYS_ARE_SAFE) {
        const found = await find();
        if (found !== undefined) return found;
      }
      const parameters: Stripe.SubscriptionCreateParams = {
        customer,
        items: [{ price: plan.stripePriceId }],
        default_payment_method: plan.stripePaymentMethodId,
        // Law 2: the payment intent has paid the first period; Stripe's first charge is the second one's.
        billing_cycle_anchor: paidPeriod(plan.paidAt, plan, now()).end,
        proration_behavior: "none",
        metadata: {
          checkout_session_id: plan.sessionId,
          organization_id: plan.organizationId,
        },
        ...(plan.stripeAccountId === null || plan.applicationFeeBps === 0
          ? {}
          : { application_fee_percent: feePercent(plan.applicationFeeBps) }),
      };
      try {
        return await stripe.subscriptions.create(parameters, {
          ...onAccount(plan.stripeAccountId),
          // Not hashed: were the parameters ever to differ, a refusal is wanted here and not a second subscription.
          idempotencyKey: `subscription:${plan.sessionId}`,
        });
      } catch (error) {
        // A 500 may have come after the effect, and Stripe replays it under the same key for a day.
        const unclear = error instanceof Stripe.errors.StripeIdempotencyError ||
          (error instanceof Stripe.errors.StripeError && (error.statusCode ?? 0) >= 500);
        if (unclear) {
          const found = await find();
          if (found !== undefined) return found;
        }
        throw asCheckoutError(error);
      }
    },

    /** Ends whatever subscription a refunded session may have left at Stripe. */
    async cancelOf(plan: FulfilmentPlan): Promise<void> {
      const customer = plan.customer.stripeCustomerId;
      if (customer === null) return;
      for (const { id, status } of await listOf(plan, customer)) {
        if (status === "canceled" || status === "incomplete_expired") continue;
        await translated(() =>
          stripe.subscriptions.cancel(id, { prorate: false, invoice_now: false }, {
            ...onAccount(plan.stripeAccountId),
            idempotencyKey: `surplus:${id}`,
          })
        );
      }
    },
  };
}

export type Subscriptions = ReturnType<typeof subscriptions>;
