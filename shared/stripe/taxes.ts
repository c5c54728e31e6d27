import type Stripe from "stripe";
import type { Address } from "../contract/create.ts";
import type { FulfilmentPlan } from "../database/rows.ts";
import type { TaxId } from "../domain/tax-id.ts";
import { StripeRefusal } from "./errors.ts";
import { type Account, onAccount } from "./payment-intents.ts";
import { read, writeOrRefuse } from "./write.ts";

export interface TaxableSale {
  readonly sessionId: string;
  /** Minor units, without tax. */
  readonly amount: number;
  readonly currency: string;
  readonly stripeProductId: string | null;
  readonly address: Address;
  readonly taxId: TaxId | undefined;
}

/** What is owed besides the price, in minor units, and the calculation that says so. */
export interface Tax {
  readonly calculationId: string;
  readonly amount: number;
}

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

/** Stripe Tax: https://docs.stripe.com/tax/custom */
export function taxes(stripe: Stripe) {
  const tellAddress = (plan: FulfilmentPlan, address: Address, customer: string) => {
    const options = onAccount(plan.stripeAccountId);
    return writeOrRefuse<Stripe.Customer>({
      idempotencyKey: `address:${plan.sessionId}`,
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

  const tellTaxId = async (plan: FulfilmentPlan, { type, value }: TaxId, customer: string) => {
    const options = onAccount(plan.stripeAccountId);
    const find = async () => {
      const known = await read(() =>
        stripe.customers.listTaxIds(customer, { limit: 100 }, options)
      );
      return known.data.find((one) => one.type === type && one.value === value);
    };
    if (await find() !== undefined) return;
    await writeOrRefuse<Stripe.TaxId>({
      idempotencyKey: `tax-id:${plan.sessionId}`,
      run: (key) =>
        stripe.customers.createTaxId(customer, { type, value }, {
          ...options,
          idempotencyKey: key,
        }),
      find,
    });
  };

  return {
    /** Tells Stripe where the customer is and under which tax id, so that each renewal is taxed as the sale was. */
    async tellCustomer(plan: FulfilmentPlan, customer: string): Promise<void> {
      if (plan.tax === null) return;
      await tellAddress(plan, plan.tax.address, customer);
      if (plan.tax.taxId === null) return;
      try {
        await tellTaxId(plan, plan.tax.taxId, customer);
      } catch (error) {
        // An id that the tax office does not know must not cost a paid customer the subscription: renewals are taxed.
        if (!(error instanceof StripeRefusal && error.stripeCode === "tax_id_invalid")) throw error;
      }
    },

    /** The tax on a sale, on top of its amount. Nothing is reported before a payment names the calculation. */
    async calculate(sale: TaxableSale, account: Account): Promise<Tax> {
      const parameters: Stripe.Tax.CalculationCreateParams = {
        currency: sale.currency,
        line_items: [{
          amount: sale.amount,
          reference: sale.sessionId,
          tax_behavior: "exclusive",
          ...(sale.stripeProductId === null ? {} : { product: sale.stripeProductId }),
        }],
        customer_details: {
          address: stripeAddress(sale.address),
          address_source: "billing",
          ...(sale.taxId === undefined ? {} : { tax_ids: [{ ...sale.taxId }] }),
        },
      };
      const calculation = await writeOrRefuse<Stripe.Tax.Calculation>({
        // New each time: a calculation that nobody knows of reports nothing, and a failure kept under its key would
        // keep the session from being taxed for a day.
        idempotencyKey: `tax:${sale.sessionId}:${crypto.randomUUID()}`,
        run: (key) =>
          stripe.tax.calculations.create(parameters, {
            ...onAccount(account),
            idempotencyKey: key,
          }),
        find: () => Promise.resolve(undefined),
      });
      if (calculation.id === null) throw new Error("a tax calculation came without its id");
      return { calculationId: calculation.id, amount: calculation.tax_amount_exclusive };
    },
  };
}

export type Taxes = ReturnType<typeof taxes>;
