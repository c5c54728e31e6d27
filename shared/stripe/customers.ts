import type Stripe from "stripe";
import type { Address } from "../contract/create.ts";
import type { FulfillmentPlan } from "../database/plans.ts";
import type { TaxId } from "../domain/tax-id.ts";
import { customerDetails } from "./customer-details.ts";
import { StripeRefusal } from "./errors.ts";
import { idempotencyKey } from "./idempotency.ts";
import { onAccount } from "./payment-intents.ts";
import { read, writeOrRefuse } from "./write.ts";

/** Seconds by which Stripe's clock and ours may differ. */
const CLOCK_MARGIN = 300;
/** Seconds for which a run may still make a customer that began before the payment was decided to go back. */
const RUN_TIME = 600;

/** An address in Stripe's form. */
export const stripeAddress = (address: Address) => ({
  country: address.country,
  ...(address.postalCode === undefined ? {} : { postal_code: address.postalCode }),
  ...(address.state === undefined ? {} : { state: address.state }),
  ...(address.city === undefined ? {} : { city: address.city }),
  ...(address.line1 === undefined ? {} : { line1: address.line1 }),
  ...(address.line2 === undefined ? {} : { line2: address.line2 }),
});

function isAt({ address }: Stripe.Customer, expected: Address): boolean {
  const known = new Map<string, unknown>(Object.entries(address ?? {}));
  return Object.entries(stripeAddress(expected)).every(([name, value]) =>
    known.get(name) === value
  );
}

/** The calls about whoever pays. Each can be repeated, after a crash and after Stripe has pruned its keys. */
export function customers(stripe: Stripe) {
  /**
   * A customer made before the answer that named it was lost: by our row's id, among those of its address that were made since
   * the row was. Without an address these would be all of the account, so only those that can have been made for the
   * payment in hand: one that is refunded looks for what it leaves behind, and keeps its id.
   */
  const find = ({ customer, stripeAccountId, decidedAt }: FulfillmentPlan) =>
    read(async () => {
      const since = customer.email === null ? customer.soughtSince : customer.createdAt;
      const pages = stripe.customers.list({
        created: {
          gte: since - CLOCK_MARGIN,
          ...(decidedAt === null ? {} : { lte: decidedAt + CLOCK_MARGIN + RUN_TIME }),
        },
        limit: 100,
        ...(customer.email === null ? {} : { email: customer.email }),
      }, onAccount(stripeAccountId));
      for await (const one of pages) if (one.metadata["customer_id"] === customer.id) return one;
      return undefined;
    });

  /** Whose the paid card is. A returning customer's payment has attached it already. */
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
      find: () => find(plan),
    });
  };

  const tellAddress = (plan: FulfillmentPlan, address: Address, customer: string) => {
    const options = onAccount(plan.stripeAccountId);
    return writeOrRefuse<Stripe.Customer>({
      idempotencyKey: `address:${plan.sessionId}:${customer}`,
      run: (key) =>
        stripe.customers.update(customer, { address: stripeAddress(address) }, {
          ...options,
          idempotencyKey: key,
        }),
      find: async () => {
        const seen = await read(() => stripe.customers.retrieve(customer, {}, options));
        return !seen.deleted && isAt(seen, address) ? seen : undefined;
      },
    });
  };

  const tellTaxId = async (plan: FulfillmentPlan, { type, value }: TaxId, customer: string) => {
    const options = onAccount(plan.stripeAccountId);
    const known = async () => {
      const { data } = await read(() =>
        stripe.customers.listTaxIds(customer, { limit: 100 }, options)
      );
      return data.find((one) => one.type === type && one.value === value);
    };
    if (await known() !== undefined) return;
    await writeOrRefuse<Stripe.TaxId>({
      idempotencyKey: `tax-id:${plan.sessionId}:${customer}`,
      run: (key) =>
        stripe.customers.createTaxId(customer, { type, value }, {
          ...options,
          idempotencyKey: key,
        }),
      find: known,
    });
  };

  return {
    /** What Stripe is told of a new customer is frozen in our row, so that the key's parameters never differ. */
    async create(plan: FulfillmentPlan): Promise<Stripe.Customer> {
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

    /** Makes the paid card the customer's. */
    async attachCard(plan: FulfillmentPlan, customer: string): Promise<void> {
      const options = onAccount(plan.stripeAccountId);
      const id = plan.stripePaymentMethodId;
      await writeOrRefuse<unknown>({
        idempotencyKey: await idempotencyKey("attach", plan.sessionId, { id, customer }),
        run: (key) =>
          stripe.paymentMethods.attach(id, { customer }, { ...options, idempotencyKey: key }),
        find: async () => (await cardOwner(plan)) === customer ? customer : undefined,
      });
    },

    tellDetails: customerDetails(stripe),

    /** Puts back what a customer had in credit and an invoice has used that is not honored; once for each invoice. */
    async restoreCredit(
      { sessionId, stripeAccountId }: Pick<FulfillmentPlan, "sessionId" | "stripeAccountId">,
      customer: string,
      credit: { readonly invoiceId: string; readonly amount: number; readonly currency: string },
    ): Promise<void> {
      const options = onAccount(stripeAccountId);
      const { invoiceId, amount, currency } = credit;
      const restored = () =>
        read(async () => {
          const pages = stripe.customers.listBalanceTransactions(customer, { limit: 100 }, options);
          for await (const one of pages) {
            if (one.metadata?.["restores_invoice_id"] === invoiceId) return one;
          }
          return undefined;
        });
      if (await restored() !== undefined) return;
      await writeOrRefuse<Stripe.CustomerBalanceTransaction>({
        idempotencyKey: `credit:${sessionId}:${invoiceId}`,
        run: (key) =>
          stripe.customers.createBalanceTransaction(customer, {
            amount: -amount,
            currency,
            metadata: { checkout_session_id: sessionId, restores_invoice_id: invoiceId },
          }, { ...options, idempotencyKey: key }),
        find: restored,
      });
    },

    /** Tells Stripe where the customer is and under which tax id, so that each invoice is taxed as the sale was shown. */
    async tellTax(plan: FulfillmentPlan, customer: string): Promise<void> {
      if (plan.tax === null) return;
      await tellAddress(plan, plan.tax.address, customer);
      if (plan.tax.taxId === null) return;
      try {
        await tellTaxId(plan, plan.tax.taxId, customer);
      } catch (error) {
        // An id that the tax office does not know any more: what the invoice then comes to decides.
        if (!(error instanceof StripeRefusal && error.stripeCode === "tax_id_invalid")) throw error;
      }
    },
  };
}

export type Customers = ReturnType<typeof customers>;
