import { choice, emptyable, flag, hash, integer, list, text } from "../core/params.ts";
import type { Params } from "../core/params.ts";
import { newBillingDetails } from "../entities/payment-method.ts";
import { checkTaxId } from "../entities/tax-ids.ts";
import type { Call } from "../http/router.ts";
import { prepareInvoice } from "../operations/bills.ts";
import type { Bill } from "../operations/bills.ts";
import { payerOf } from "../operations/payers.ts";
import { buyerOf, leviesOf, locationInvalid, overrideOf } from "../operations/taxes.ts";
import type { Buyer } from "../operations/taxes.ts";
import type { Invoice, Subscription } from "../store/types.ts";
import { ADDRESS, addressOf } from "./shared.ts";
import {
  ANCHOR_CHANGE,
  AUTOMATIC_TAX,
  BILLING_MODE,
  DISCOUNTS,
  ITEMS,
  PRORATION_BEHAVIOR,
  TRIAL_END,
} from "./subscription-params.ts";
import { TAX_ID } from "./tax-ids.ts";

export const DETAILS = {
  billing_cycle_anchor: ANCHOR_CHANGE,
  billing_mode: BILLING_MODE,
  cancel_at_period_end: flag(),
  items: ITEMS,
  proration_behavior: PRORATION_BEHAVIOR,
  proration_date: integer(),
  trial_end: TRIAL_END,
};

/** The parameter that says what is to be previewed. */
export const WITHIN = "subscription_details";

export const PREVIEW = {
  automatic_tax: AUTOMATIC_TAX,
  currency: text(),
  customer: text(),
  customer_details: hash({
    address: ADDRESS,
    tax_exempt: emptyable(choice("exempt", "none", "reverse")),
    tax_ids: list(TAX_ID),
  }),
  discounts: DISCOUNTS,
  preview_mode: choice("next"),
  subscription: text(),
  subscription_details: hash(DETAILS),
};

export type PreviewCall = Call<Params<typeof PREVIEW>>;

/** The bill with the tax that it asks about. */
export function previewBill(call: PreviewCall, subscription: Subscription, bill: Bill): Invoice {
  const { account, params } = call;
  const enabled = params.automatic_tax?.enabled ?? subscription.automatic_tax.enabled;
  const customer = account.customers.find(subscription.customer);
  const known = buyerOf(account, customer, payerOf(call, subscription));
  const given = params.customer_details;
  for (const [index, { type, value }] of (given?.tax_ids ?? []).entries()) {
    checkTaxId(type, value, `customer_details[tax_ids][${index}][value]`);
  }
  const address = addressOf(given?.address);
  const buyer: Buyer = {
    address: address === null ? known.address : newBillingDetails({ address }).address,
    taxIds: given?.tax_ids ?? known.taxIds,
    override: given?.tax_exempt === undefined ? known.override : overrideOf(given.tax_exempt),
  };
  if (enabled && leviesOf(buyer) === null) throw locationInvalid("automatic_tax");
  const taxed = { ...subscription, automatic_tax: { ...subscription.automatic_tax, enabled } };
  return prepareInvoice(call, taxed, { ...bill, buyer });
}
