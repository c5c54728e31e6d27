import type Stripe from "stripe";
import type { NextInvoice } from "../contract/subscription.ts";
import type { CreatedSession } from "../domain/sessions.ts";
import type { TaxId } from "../domain/tax-id.ts";
import { present } from "../runtime/present.ts";
import { type Account, onAccount } from "./account.ts";
import { stripeAddress, wholeAddress } from "./addresses.ts";
import { taxIdsOf } from "./customer-taxes.ts";
import { found, isMissing, StripeRefusal } from "./errors.ts";
import { read } from "./write.ts";

/** A subscription that is to be made once its first invoice is paid for. */
export interface FirstInvoice extends
  Pick<
    CreatedSession,
    "quantity" | "currency" | "stripeCustomerId" | "tax" | "stripeAccountId"
  > {
  readonly stripePriceId: string;
  readonly couponId: string | undefined;
}

/** A subscription's item that is to move to another price. */
export interface ChangeToBill {
  readonly stripeSubscriptionId: string;
  readonly itemId: string;
  readonly stripePriceId: string;
  readonly quantity: number;
  /** As of when, in Unix seconds; now, by Stripe's clock, where it is left out. */
  readonly proratedAt?: number;
  /** The new price has another rhythm: a new period begins. */
  readonly restarts: boolean;
}

/**
 * What Stripe would bill: https://docs.stripe.com/api/invoices/create_preview. A preview is made of the very parameters that
 * the write will have, so that both come to one amount; nothing is kept of it.
 */
export interface Previews {
  /** The first invoice of a subscription that is to be; of one with a trial, that of its first charge. */
  firstInvoice(wanted: FirstInvoice): Promise<Stripe.Invoice>;
  /** What moving a subscription's item to another price would bill. */
  change(change: ChangeToBill, account: Account): Promise<Stripe.Invoice>;
  /** What a subscription is billed next as it stands; null where nothing is, or Stripe has none such. */
  next(stripeSubscriptionId: string, account: Account): Promise<NextInvoice | null>;
}

/** Stripe's code where a subscription ends before it would be billed (https://docs.stripe.com/error-codes). */
const NONE_UPCOMING = "invoice_upcoming_none";

/**
 * The tax ids that the invoice will be taxed by where the session names one: a returning customer keeps those of earlier sales, and
 * those that a preview names stand in the place of theirs ("overrides for an existing customer", package:
 * InvoiceCreatePreviewParams.customer_details).
 */
async function taxIdsFor(
  stripe: Stripe,
  { type, value }: TaxId,
  { stripeCustomerId: customer, stripeAccountId: account }: FirstInvoice,
) {
  const known = customer === null ? [] : await found(taxIdsOf(stripe, customer, account)) ?? [];
  const others = known.filter((one) =>
    one.type !== "unknown" && (one.type !== type || one.value !== value)
  );
  return [...others.map((one) => ({ type: one.type, value: one.value })), { type, value }];
}

/**
 * Refused where a parameter cannot be unset (https://docs.stripe.com/error-codes; recorded of another address: woocommerce-payments#3012).
 */
const EMPTY = "parameter_invalid_empty";

export const previews = (stripe: Stripe): Previews => ({
  async firstInvoice(asked) {
    const { stripeCustomerId, stripeAccountId: account, couponId, tax, ...wanted } = asked;
    const taxIds = tax?.taxId && await taxIdsFor(stripe, tax.taxId, asked);
    const shown = (address?: Stripe.AddressParam) =>
      read(() =>
        stripe.invoices.createPreview({
          currency: wanted.currency,
          ...present({ customer: stripeCustomerId }),
          subscription_details: {
            items: [{ price: wanted.stripePriceId, quantity: wanted.quantity }],
          },
          // Left out, those that the customer has for everything are taken off, as for the subscription to be.
          ...(couponId === undefined ? {} : { discounts: [{ coupon: couponId }] }),
          ...(address && {
            automatic_tax: { enabled: true },
            customer_details: { address, ...present({ tax_ids: taxIds }) },
          }),
        }, onAccount(account))
      );
    if (tax === null) return shown();
    if (stripeCustomerId === null) return shown(stripeAddress(tax.address));
    // Whether a preview leaves the parts of a customer's address that it does not name, as an update does, and whether it takes an
    // empty text for them, is not known.
    try {
      return await shown(wholeAddress(tax.address));
    } catch (error) {
      if (!(error instanceof StripeRefusal && error.stripeCode === EMPTY)) throw error;
      return shown(stripeAddress(tax.address));
    }
  },

  change(change, account) {
    const { itemId: id, stripePriceId: price, quantity } = change;
    return read(() =>
      stripe.invoices.createPreview({
        subscription: change.stripeSubscriptionId,
        subscription_details: {
          items: [{ id, price, quantity }],
          proration_behavior: "always_invoice",
          ...present({ proration_date: change.proratedAt }),
          ...(change.restarts && { billing_cycle_anchor: { type: "now" } }),
        },
      }, onAccount(account))
    );
  },

  async next(subscription, account) {
    try {
      const invoice = await read(() =>
        stripe.invoices.createPreview({ subscription }, onAccount(account))
      );
      const { amount_due: amountDue, currency, period_end: end } = invoice;
      // Its period looks back at the one that ends with it (package: Invoice.period_end).
      return { amountDue, currency, at: new Date(end * 1000).toISOString() };
    } catch (error) {
      const isNone = isMissing(error) ||
        (error instanceof StripeRefusal && error.stripeCode === NONE_UPCOMING);
      if (isNone) return null;
      throw error;
    }
  },
});
