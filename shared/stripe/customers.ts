import type Stripe from "stripe";
import type { CustomerNews, FulfillmentPlan } from "../domain/plans.ts";
import { CLOCK_MARGIN } from "../domain/session-subscription.ts";
import { present } from "../runtime/present.ts";
import { customerCredit, type UsedCredit } from "./customer-credit.ts";
import { customerDetails } from "./customer-details.ts";
import { customerTaxes } from "./customer-taxes.ts";
import { StripeRefusal } from "./errors.ts";
import { idempotencyKey } from "./idempotency.ts";
import { onAccount } from "./account.ts";
import { read, writeOrRefuse } from "./write.ts";

/** Seconds for which a run may still make a customer that began before the payment was decided to go back. */
const RUN_TIME = 600;

/** The calls about whoever pays. Each can be repeated, after a crash and after Stripe has pruned its keys. */
export interface Customers {
  /** What Stripe is told of a new customer is frozen in our row, so that the key's parameters never differ. */
  create(plan: FulfillmentPlan): Promise<Stripe.Customer>;
  /**
   * A customer made before the answer that named it was lost: by our row's id, among those of its address that were made since
   * the row was. Without an address these would be all of the account, so only those that can have been made for the
   * payment in hand: one that is refunded looks for what it leaves behind, and keeps its id.
   */
  find(plan: FulfillmentPlan): Promise<Stripe.Customer | undefined>;
  /** Whose the paid card is. A returning customer's payment has attached it already. */
  cardOwner(plan: FulfillmentPlan): Promise<string | undefined>;
  /** Makes the paid card the customer's. */
  attachCard(plan: FulfillmentPlan, customer: string): Promise<void>;
  /**
   * Tells what is known of a customer by now. A session tells a revision once; another that tells it again does so under its own
   * key, since Stripe may have been told something older meanwhile.
   */
  tellDetails(plan: FulfillmentPlan, news: CustomerNews, customer: string): Promise<void>;
  /** Tells where the customer is and under which tax id, so that each invoice is taxed as the sale was shown. */
  tellTax(plan: FulfillmentPlan, customer: string): Promise<void>;
  /** Puts back what a customer had in credit, or owed, and an invoice has settled that is not honored; once for each invoice. */
  restoreCredit(
    session: Pick<FulfillmentPlan, "sessionId" | "stripeAccountId">,
    customer: string,
    credit: UsedCredit,
  ): Promise<void>;
}

export function customers(stripe: Stripe): Customers {
  const find = ({ customer, stripeAccountId, decidedAt }: FulfillmentPlan) =>
    read(async () => {
      const since = customer.email === null ? customer.soughtSince : customer.createdAt;
      const pages = stripe.customers.list({
        created: {
          gte: since - CLOCK_MARGIN,
          ...(decidedAt === null ? {} : { lte: decidedAt + CLOCK_MARGIN + RUN_TIME }),
        },
        limit: 100,
        ...present({ email: customer.email }),
      }, onAccount(stripeAccountId));
      for await (const one of pages) if (one.metadata["customer_id"] === customer.id) return one;
      return undefined;
    });

  const cardOwner = async (plan: FulfillmentPlan): Promise<string | undefined> => {
    const { customer } = await read(() =>
      stripe.paymentMethods.retrieve(
        plan.stripePaymentMethodId,
        {},
        onAccount(plan.stripeAccountId),
      )
    );
    return (typeof customer === "string" ? customer : customer?.id) ?? undefined;
  };

  const make = async (plan: FulfillmentPlan): Promise<Stripe.Customer> => {
    const { customer, organizationId, stripeAccountId } = plan;
    const parameters: Stripe.CustomerCreateParams = {
      metadata: {
        customer_id: customer.id,
        organization_id: organizationId,
        external_id: customer.externalId,
      },
      ...present({ email: customer.email, name: customer.name }),
    };
    return writeOrRefuse<Stripe.Customer>({
      account: stripeAccountId,
      idempotencyKey: await idempotencyKey(
        "customer",
        `${customer.id}:${customer.stripeGeneration}`,
        parameters,
      ),
      run: (keyed) => stripe.customers.create(parameters, keyed),
      find: () => find(plan),
    });
  };

  return {
    async create(plan) {
      if (plan.customer.keysMayBeGone) {
        const found = await find(plan);
        if (found !== undefined) return found;
      }
      try {
        return await make(plan);
      } catch (error) {
        // An address that Stripe does not take must not cost a paid customer the subscription.
        if (!(error instanceof StripeRefusal && error.stripeCode === "email_invalid")) throw error;
        return make({ ...plan, customer: { ...plan.customer, email: null } });
      }
    },

    find,
    cardOwner,

    async attachCard(plan, customer) {
      const id = plan.stripePaymentMethodId;
      await writeOrRefuse<unknown>({
        account: plan.stripeAccountId,
        idempotencyKey: await idempotencyKey("attach", plan.sessionId, { id, customer }),
        run: (keyed) => stripe.paymentMethods.attach(id, { customer }, keyed),
        find: async () => (await cardOwner(plan)) === customer ? customer : undefined,
      });
    },

    tellDetails: customerDetails(stripe),
    tellTax: customerTaxes(stripe),
    restoreCredit: customerCredit(stripe),
  };
}
