import type Stripe from "stripe";
import type { FulfilmentPlan } from "../database/rows.ts";
import { feePercent } from "../domain/application-fee.ts";
import { coupons } from "./coupons.ts";
import { isCustomerGone, StripeRefusal } from "./errors.ts";
import { idempotencyKey } from "./idempotency.ts";
import { onAccount } from "./payment-intents.ts";
import { subscriptionTerms } from "./subscription-terms.ts";
import { read, writeOrRefuse } from "./write.ts";

/** Seconds after which Stripe may have forgotten an idempotency key (24 hours, less a wide margin). */
const KEYS_ARE_SAFE = 12 * 3600;
/** Seconds by which Stripe's clock may be behind ours. */
const CLOCK_MARGIN = 300;

export const hasEnded = ({ status }: Stripe.Subscription) =>
  status === "canceled" || status === "incomplete_expired";

/** Undefined where Stripe refuses to say: whatever it is, it must not stand in the way of a refund. */
async function orNone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof StripeRefusal) return undefined;
    throw error;
  }
}

/** The calls that fulfilment makes. Each can be repeated, after a crash and after Stripe has pruned its keys. */
export function subscriptions(stripe: Stripe, now: () => number) {
  /** The session's own among the customer's. Listing by customer is consistent at once; Stripe's search is not. */
  const listOf = (plan: FulfilmentPlan, customer: string): Promise<Stripe.Subscription[]> =>
    read(async () => {
      const found: Stripe.Subscription[] = [];
      const pages = stripe.subscriptions.list(
        { customer, status: "all", limit: 100 },
        onAccount(plan.stripeAccountId),
      );
      for await (const one of pages) {
        if (one.metadata["checkout_session_id"] === plan.sessionId) found.push(one);
      }
      return found;
    });

  /** The same, where the customer may have been deleted: Stripe then ended all that there was. */
  const listOfWhoever = async (plan: FulfilmentPlan, customer: string) => {
    try {
      return await listOf(plan, customer);
    } catch (error) {
      if (isCustomerGone(error)) return [];
      throw error;
    }
  };

  /** A customer made before the answer that named it was lost: by our row's id, among those made since the row was. */
  const findCustomer = ({ customer, stripeAccountId }: FulfilmentPlan) =>
    read(async () => {
      const pages = stripe.customers.list({
        created: { gte: customer.createdAt - CLOCK_MARGIN },
        limit: 100,
        ...(customer.email === null ? {} : { email: customer.email }),
      }, onAccount(stripeAccountId));
      for await (const one of pages) if (one.metadata["customer_id"] === customer.id) return one;
      return undefined;
    });

  /** Whose the paid card is. A returning customer's payment has attached it already. */
  const cardOwner = async (plan: FulfilmentPlan): Promise<string | undefined> => {
    const { customer } = await read(() =>
      stripe.paymentMethods.retrieve(
        plan.stripePaymentMethodId,
        {},
        onAccount(plan.stripeAccountId),
      )
    );
    return (typeof customer === "string" ? customer : customer?.id) ?? undefined;
  };

  /** Ends a subscription at once, without a credit or a last invoice: nothing was charged for it. */
  const cancel = (id: string, account: string | null): Promise<Stripe.Subscription> =>
    writeOrRefuse<Stripe.Subscription>({
      idempotencyKey: `surplus:${id}`,
      run: (key) =>
        stripe.subscriptions.cancel(id, { prorate: false, invoice_now: false }, {
          ...onAccount(account),
          idempotencyKey: key,
        }),
      find: async () => {
        const seen = await read(() => stripe.subscriptions.retrieve(id, {}, onAccount(account)));
        return hasEnded(seen) ? seen : undefined;
      },
    });

  const newCustomer = async (plan: FulfilmentPlan): Promise<Stripe.Customer> => {
    const { customer, organizationId, stripeAccountId } = plan;
    const parameters: Stripe.CustomerCreateParams = {
      metadata: {
        customer_id: customer.id,
        organization_id: organizationId,
        external_id: customer.externalId,
      },
      ...(customer.email === null ? {} : { email: customer.email }),
      ...(customer.name === null ? {} : { name: customer.name }),
    };
    return writeOrRefuse<Stripe.Customer>({
      idempotencyKey: await idempotencyKey(
        "customer",
        `${customer.id}:${customer.stripeGeneration}`,
        parameters,
      ),
      run: (key) =>
        stripe.customers.create(parameters, {
          ...onAccount(stripeAccountId),
          idempotencyKey: key,
        }),
      find: () => findCustomer(plan),
    });
  };

  return {
    retrieve: (id: string, account: string | null) =>
      read(() => stripe.subscriptions.retrieve(id, {}, onAccount(account))),

    /** What Stripe is told of a new customer is frozen in our row, so that the key's parameters never differ. */
    async createCustomer(plan: FulfilmentPlan): Promise<Stripe.Customer> {
      if (now() - plan.customer.createdAt > KEYS_ARE_SAFE) {
        const found = await findCustomer(plan);
        if (found !== undefined) return found;
      }
      try {
        return await newCustomer(plan);
      } catch (error) {
        // An address that Stripe does not take must not cost a paid customer the subscription.
        if (!(error instanceof StripeRefusal && error.stripeCode === "email_invalid")) throw error;
        return newCustomer({ ...plan, customer: { ...plan.customer, email: null } });
      }
    },

    cardOwner,

    /** Makes the paid card the customer's. */
    async attachCard(plan: FulfilmentPlan, customer: string): Promise<void> {
      const options = onAccount(plan.stripeAccountId);
      const id = plan.stripePaymentMethodId;
      await writeOrRefuse<unknown>({
        idempotencyKey: await idempotencyKey("attach", plan.sessionId, { id, customer }),
        run: (key) =>
          stripe.paymentMethods.attach(id, { customer }, { ...options, idempotencyKey: key }),
        find: async () => (await cardOwner(plan)) === customer ? customer : undefined,
      });
    },

    /** The session's subscription: found where it exists, else made, with the paid period behind it. */
    async findOrCreate(plan: FulfilmentPlan, customer: string): Promise<Stripe.Subscription> {
      const find = async () => (await listOf(plan, customer))[0];
      if (now() - plan.paidAt > KEYS_ARE_SAFE) {
        const found = await find();
        if (found !== undefined) return found;
      }
      const { parameters: terms, later } = subscriptionTerms(plan, now());
      const parameters: Stripe.SubscriptionCreateParams = {
        customer,
        items: [{ price: plan.stripePriceId, quantity: plan.quantity }],
        default_payment_method: plan.stripePaymentMethodId,
        // The flexible mode credits what Stripe has billed, and Stripe has billed nothing of the first period.
        billing_mode: { type: "classic" },
        ...terms,
        ...(later === null
          ? {}
          : { discounts: [{ coupon: await coupons(stripe).findOrCreate(plan, later) }] }),
        ...(plan.tax === null ? {} : { automatic_tax: { enabled: true } }),
        metadata: {
          checkout_session_id: plan.sessionId,
          organization_id: plan.organizationId,
        },
        ...(plan.stripeAccountId === null || plan.applicationFeeBps === 0
          ? {}
          : { application_fee_percent: feePercent(plan.applicationFeeBps) }),
      };
      return writeOrRefuse<Stripe.Subscription>({
        // Not hashed: the anchor may depend on the hour. Stripe then refuses other parameters, and looking comes before
        // the next key, so that there is never a second subscription.
        idempotencyKey: `subscription:${plan.sessionId}`,
        run: (key) =>
          stripe.subscriptions.create(parameters, {
            ...onAccount(plan.stripeAccountId),
            idempotencyKey: key,
          }),
        find,
      });
    },

    /** Ends whatever subscription a refunded session may have left at Stripe. */
    async cancelOf(plan: FulfilmentPlan): Promise<void> {
      const owner = await orNone(cardOwner(plan));
      const customer = owner ?? plan.customer.stripeCustomerId ?? (await findCustomer(plan))?.id;
      if (customer === undefined) return;
      for (const subscription of await listOfWhoever(plan, customer)) {
        if (!hasEnded(subscription)) await cancel(subscription.id, plan.stripeAccountId);
      }
    },

    cancel,
  };
}

export type Subscriptions = ReturnType<typeof subscriptions>;
