import * as z from "zod";
import type { Call } from "./client.ts";
import type { DisputeFacts, InvoiceFacts } from "./rows.ts";

const recorded = z.object({ outcome: z.enum(["recorded", "stale", "unknown"]) });
const payment = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("checkout"), revision: z.number().int() }),
  z.object({ kind: z.literal("invoice"), stripeInvoiceId: z.string() }),
]);

type Account = string | null;
const on = (account: Account) => account === null ? {} : { p_stripe_account_id: account };
const marks = (eventId: string | undefined) => eventId === undefined ? {} : { p_event_id: eventId };

/** The typed calls that keep invoices, refunds, disputes and accounts in step; outcomes stand beside the SQL functions. */
export function billing(call: Call) {
  return {
    /** 0 where there is no row yet. */
    revision: (stripeId: string) =>
      call("billing_revision", { p_stripe_id: stripeId }, z.number().int()),

    /** Null where there is no row. */
    invoiceStatus: (stripeInvoiceId: string) =>
      call("invoice_status", { p_stripe_invoice_id: stripeInvoiceId }, z.string().nullable()),

    recordInvoice: (seen: number, facts: InvoiceFacts, account: Account, eventId?: string) =>
      call("record_invoice", {
        p_seen_revision: seen,
        p_invoice: { ...facts },
        ...on(account),
        ...marks(eventId),
      }, recorded),

    /** Whose payment an intent is; null where nobody's that is known here. */
    locatePayment: (stripePaymentIntentId: string, account: Account) =>
      call("locate_payment", {
        p_stripe_payment_intent_id: stripePaymentIntentId,
        ...on(account),
      }, payment.nullable()),

    recordCharge: (
      seen: number,
      stripePaymentIntentId: string,
      amountRefunded: number,
      eventId?: string,
    ) =>
      call("record_charge", {
        p_seen_revision: seen,
        p_stripe_payment_intent_id: stripePaymentIntentId,
        p_amount_refunded: amountRefunded,
        ...marks(eventId),
      }, recorded),

    recordDispute: (seen: number, facts: DisputeFacts, account: Account, eventId?: string) =>
      call("record_dispute", {
        p_seen_revision: seen,
        p_dispute: { ...facts },
        ...on(account),
        ...marks(eventId),
      }, recorded),

    /** As `revision`, of an account; null where no organization sells on it. */
    locateAccount: (account: string) =>
      call("locate_account", { p_stripe_account_id: account }, z.number().int().nullable()),

    recordAccount: (
      seen: number,
      account: string,
      facts: { readonly authorized: boolean; readonly chargesEnabled: boolean },
      eventId?: string,
    ) =>
      call("record_account", {
        p_seen_revision: seen,
        p_stripe_account_id: account,
        p_charges_enabled: facts.chargesEnabled,
        p_authorized: facts.authorized,
        ...marks(eventId),
      }, recorded),
  };
}

export type Billing = ReturnType<typeof billing>;
