import { newId, randomToken } from "../core/ids.ts";
import type { Customer } from "../store/types.ts";

export function newCustomer(given: Pick<Customer, "created"> & Partial<Customer>): Customer {
  return {
    id: newId("cus"),
    object: "customer",
    address: null,
    balance: 0,
    currency: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: randomToken(8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: "none",
    test_clock: null,
    ...given,
  };
}

/** The balance that an invoice in a currency takes: a balance is in the customer's currency. */
export function balanceIn(customer: Customer | undefined, currency: string): number {
  if (customer === undefined) return 0;
  return (customer.currency ?? currency) === currency ? customer.balance : 0;
}
