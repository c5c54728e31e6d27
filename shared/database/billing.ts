import * as z from "zod/mini";
import { present } from "../runtime/present.ts";
import type { Call } from "./client.ts";
import type { DisputeFacts, InvoiceFacts, SubscriptionFacts } from "../domain/facts.ts";
import {
  type LocatedInvoice,
  locatedInvoice,
  type RecordedSubscription,
  recordedSubscription,
} from "./located-billing.ts";

const recorded = z.object({ outcome: z.enum(["recorded", "stale", "unknown"]) });
const payment = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("checkout"), revision: z.int() }),
  z.object({ kind: z.literal("invoice"), stripeInvoiceId: z.string() }),
]);

type Account = string | null;
/** A product as Stripe has it; without a name where it is gone. */
interface OfferedProduct {
  readonly id: string;
  readonly active: boolean;
  readonly name?: string;
  readonly description?: string | null;
}
/** `stale` where the row was written since `seen`, `unknown` where it is about nothing of ours. */
type Recorded = Promise<z.output<typeof recorded>>;

/**
 * The typed calls that keep invoices, refunds, disputes, accounts, products and prices in step. What is written carries the
 * mark of the event that the calls are made for, except an invoice without its subscription, which is still to be written then.
 */
export interface Billing {
  /** The same calls, made for an event, or for none. */
  for(eventId?: string): Billing;
  locateInvoice(stripeInvoiceId: string): Promise<LocatedInvoice>;
  /** Of a dispute's row; 0 where there is none yet. */
  revision(stripeDisputeId: string): Promise<number>;
  /** Null where there is no row. */
  invoiceStatus(stripeInvoiceId: string): Promise<string | null>;
  /** Writes an invoice; with its subscription, where that was read along. */
  recordInvoice(
    seen: number,
    facts: InvoiceFacts,
    account: Account,
    subscription?: { readonly seen: number; readonly facts: SubscriptionFacts },
  ): Promise<RecordedSubscription>;
  /** Whose payment an intent is; null where nobody's that is known here. */
  locatePayment(
    stripePaymentIntentId: string,
    account: Account,
  ): Promise<z.output<typeof payment> | null>;
  /** @param amountRefunded minor units, of all refunds of the payment */
  recordCharge(seen: number, stripePaymentIntentId: string, amountRefunded: number): Recorded;
  recordDispute(seen: number, facts: DisputeFacts, account: Account): Recorded;
  /** As `revision`, of a product or a price at Stripe; null where the catalogue has none such. */
  locateOffer(stripeId: string, account: Account): Promise<number | null>;
  recordProduct(seen: number, product: OfferedProduct, account: Account): Recorded;
  recordPrice(seen: number, stripePriceId: string, active: boolean, account: Account): Recorded;
  /** As `revision`, of an account; null where no organization sells on it. */
  locateAccount(account: string): Promise<number | null>;
  recordAccount(
    seen: number,
    account: string,
    facts: { readonly authorized: boolean; readonly chargesEnabled: boolean },
  ): Recorded;
}

const on = (account: Account) => present({ p_stripe_account_id: account });

export function billing(call: Call, eventId?: string): Billing {
  const mark = present({ p_event_id: eventId });
  return {
    for: (event) => billing(call, event),

    locateInvoice: (stripeInvoiceId) =>
      call("locate_invoice", { p_stripe_invoice_id: stripeInvoiceId }, locatedInvoice),

    revision: (stripeDisputeId) =>
      call("dispute_revision", { p_stripe_dispute_id: stripeDisputeId }, z.int()),

    invoiceStatus: (stripeInvoiceId) =>
      call("invoice_status", { p_stripe_invoice_id: stripeInvoiceId }, z.nullable(z.string())),

    recordInvoice: (seen, facts, account, subscription) =>
      call("record_invoice", {
        p_seen_revision: seen,
        p_invoice: { ...facts },
        ...on(account),
        ...(subscription && {
          p_subscription: { ...subscription.facts },
          p_seen_subscription_revision: subscription.seen,
          ...mark,
        }),
      }, recordedSubscription),

    locatePayment: (stripePaymentIntentId, account) =>
      call("locate_payment", {
        p_stripe_payment_intent_id: stripePaymentIntentId,
        ...on(account),
      }, z.nullable(payment)),

    recordCharge: (seen, stripePaymentIntentId, amountRefunded) =>
      call("record_charge", {
        p_seen_revision: seen,
        p_stripe_payment_intent_id: stripePaymentIntentId,
        p_amount_refunded: amountRefunded,
        ...mark,
      }, recorded),

    recordDispute: (seen, facts, account) =>
      call("record_dispute", {
        p_seen_revision: seen,
        p_dispute: { ...facts },
        ...on(account),
        ...mark,
      }, recorded),

    locateOffer: (stripeId, account) =>
      call("locate_offer", { p_stripe_id: stripeId, ...on(account) }, z.nullable(z.int())),

    recordProduct: (seen, product, account) =>
      call("record_product", {
        p_seen_revision: seen,
        p_product: { ...product },
        ...on(account),
        ...mark,
      }, recorded),

    recordPrice: (seen, stripePriceId, active, account) =>
      call("record_price", {
        p_seen_revision: seen,
        p_stripe_price_id: stripePriceId,
        p_active: active,
        ...on(account),
        ...mark,
      }, recorded),

    locateAccount: (account) =>
      call("locate_account", { p_stripe_account_id: account }, z.nullable(z.int())),

    recordAccount: (seen, account, facts) =>
      call("record_account", {
        p_seen_revision: seen,
        p_stripe_account_id: account,
        p_charges_enabled: facts.chargesEnabled,
        p_authorized: facts.authorized,
        ...mark,
      }, recorded),
  };
}
