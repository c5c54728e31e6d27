import type Stripe from "stripe";
import { present } from "../runtime/present.ts";
import { type Account, onAccount } from "./account.ts";
import { isCustomerGone, StripeRefusal } from "./errors.ts";
import { idempotencyKey } from "./idempotency.ts";
import { read, writeOrRefuse } from "./write.ts";

/** Stripe's own page for a customer: https://docs.stripe.com/customer-management */
export interface Portal {
  /**
   * A session's URL, which is as good as the customer's password while it lives. The portal is as the account's owner has saved it in
   * the dashboard; where nothing was saved, which Stripe refuses, it is as ours says. Throws `resource_missing` where the customer
   * is gone.
   */
  open(
    customer: string,
    account: Account,
    returnUrl?: string,
  ): Promise<string>;
}

/**
 * What a customer may do by itself. No change of price or seats: these are bought here, so that what is due is shown and paid first. No
 * change of name, address and tax id: they come with a checkout.
 */
const FEATURES: Stripe.BillingPortal.ConfigurationCreateParams.Features = {
  customer_update: { enabled: false },
  invoice_history: { enabled: true },
  payment_method_update: { enabled: true },
  subscription_cancel: { enabled: true, mode: "at_period_end", proration_behavior: "none" },
  subscription_update: { enabled: false },
};

/** By what our configuration is known again; another value where FEATURES change, so that another one is made. */
const MADE = { key: "billingos_portal", value: "1" };

export function portal(stripe: Stripe): Portal {
  const listed = (
    account: Account,
    which: Stripe.BillingPortal.ConfigurationListParams,
  ): Stripe.ApiListPromise<Stripe.BillingPortal.Configuration> =>
    stripe.billingPortal.configurations.list({ active: true, ...which }, onAccount(account));

  /** Asked rather than read from the refusal, for which Stripe has words but no code. */
  const hasDefault = (account: Account): Promise<boolean> =>
    read(async () => (await listed(account, { is_default: true, limit: 1 })).data.length > 0);

  const findOurs = (account: Account) =>
    read(async () => {
      for await (const one of listed(account, { is_default: false, limit: 100 })) {
        if (one.metadata?.[MADE.key] === MADE.value) return one;
      }
      return undefined;
    });

  /** Found, or made once; of two that are made at the same instant under different keys either will do. */
  const ours = async (account: Account): Promise<string> => {
    const known = await findOurs(account);
    if (known !== undefined) return known.id;
    const parameters = { features: FEATURES, metadata: { [MADE.key]: MADE.value } };
    const made = await writeOrRefuse<Stripe.BillingPortal.Configuration>({
      account,
      idempotencyKey: await idempotencyKey("portal", account ?? "platform", parameters),
      run: (keyed) => stripe.billingPortal.configurations.create(parameters, keyed),
      find: () => findOurs(account),
    });
    return made.id;
  };

  return {
    async open(customer, account, returnUrl) {
      // It leaves nothing but a link that dies unused, so that it may be asked for again without a key.
      const open = async (configuration?: string): Promise<string> => {
        const parameters = { customer, ...present({ return_url: returnUrl, configuration }) };
        const { url } = await read(() =>
          stripe.billingPortal.sessions.create(parameters, onAccount(account))
        );
        return url;
      };
      try {
        return await open();
      } catch (error) {
        if (!(error instanceof StripeRefusal) || isCustomerGone(error)) throw error;
        if (await hasDefault(account)) throw error;
        return open(await ours(account));
      }
    },
  };
}
