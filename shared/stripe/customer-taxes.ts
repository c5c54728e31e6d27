import type Stripe from "stripe";
import type { Address } from "../contract/create.ts";
import type { FulfillmentPlan } from "../domain/plans.ts";
import type { TaxId } from "../domain/tax-id.ts";
import { type Account, onAccount } from "./account.ts";
import { isAt, wholeAddress } from "./addresses.ts";
import { StripeRefusal } from "./errors.ts";
import { idempotencyKey } from "./idempotency.ts";
import { read, writeOrRefuse } from "./write.ts";

export const taxIdsOf = async (stripe: Stripe, customer: string, account: Account) => {
  const list = () => stripe.customers.listTaxIds(customer, { limit: 100 }, onAccount(account));
  return (await read(list)).data;
};

/** The call that tells Stripe where a customer is, and under which tax id. */
export function customerTaxes(stripe: Stripe) {
  const tellAddress = async (plan: FulfillmentPlan, address: Address, customer: string) => {
    const options = onAccount(plan.stripeAccountId);
    const parameters = { address: wholeAddress(address) };
    await writeOrRefuse<Stripe.Customer>({
      account: plan.stripeAccountId,
      idempotencyKey: await idempotencyKey("address", `${plan.sessionId}:${customer}`, parameters),
      run: (keyed) => stripe.customers.update(customer, parameters, keyed),
      find: async () => {
        const seen = await read(() => stripe.customers.retrieve(customer, {}, options));
        return !seen.deleted && isAt(seen, address) ? seen : undefined;
      },
    });
  };

  const tellTaxId = async (plan: FulfillmentPlan, { type, value }: TaxId, customer: string) => {
    const known = async () =>
      (await taxIdsOf(stripe, customer, plan.stripeAccountId))
        .find((one) => one.type === type && one.value === value);
    if (await known() !== undefined) return;
    await writeOrRefuse<Stripe.TaxId>({
      account: plan.stripeAccountId,
      idempotencyKey: `tax-id:${plan.sessionId}:${customer}`,
      run: (keyed) => stripe.customers.createTaxId(customer, { type, value }, keyed),
      find: known,
    });
  };

  return async (plan: FulfillmentPlan, customer: string): Promise<void> => {
    if (plan.tax === null) return;
    await tellAddress(plan, plan.tax.address, customer);
    if (plan.tax.taxId === null) return;
    try {
      await tellTaxId(plan, plan.tax.taxId, customer);
    } catch (error) {
      // An id that the tax office does not know any more: what the invoice then comes to decides.
      if (!(error instanceof StripeRefusal && error.stripeCode === "tax_id_invalid")) throw error;
    }
  };
}
