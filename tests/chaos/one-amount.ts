import type Stripe from "stripe";
import { idOf } from "./ids.ts";

/** What a session that succeeded says of itself. */
export interface Sold {
  readonly id: string;
  readonly intent_kind: "payment" | "setup" | "none";
  readonly is_change: boolean;
  readonly stripe_intent: string | null;
  readonly total_amount: number;
  /** Where it ended, at Stripe; null for a free one. */
  readonly stripe_subscription_id: string | null;
}

export const subscriptionOf = ({ parent }: Stripe.Invoice): string =>
  idOf(parent?.subscription_details?.subscription);

/** The session whose change made an invoice, as its subscription's metadata say. */
export const changerOf = ({ parent }: Stripe.Invoice): string | undefined =>
  parent?.subscription_details?.metadata?.["price_change_session_id"];

/** The payment intents that an invoice, read with its payments, was paid by; the one that paid out of band is only named. */
export function payersOf({ status, payments, metadata }: Stripe.Invoice): string[] {
  if (status !== "paid") return [];
  const attached = (payments?.data ?? []).filter((one) => one.status === "paid")
    .map(({ payment }) => idOf(payment.payment_intent));
  const named = metadata?.["payment_intent_id"];
  return [...new Set([...attached, ...(named === undefined || named === "" ? [] : [named])])];
}

/** Law 11: what was shown, what was charged, and what Stripe's invoice says are one amount. Answers what is not so. */
export function amountBreaches(
  sold: Sold,
  invoices: readonly Stripe.Invoice[],
  received: number,
): string[] {
  const { id, total_amount: total, stripe_subscription_id: subscription } = sold;
  const own = invoices.filter((one) => subscriptionOf(one) === subscription);
  const reason = sold.is_change ? "subscription_update" : "subscription_create";
  if (sold.intent_kind !== "payment") {
    // A free plan may be paid for later on, by another session.
    if (subscription === null || (sold.intent_kind === "none" && !sold.is_change)) return [];
    const unasked = own.filter((one) =>
      one.amount_due > 0 &&
      (sold.is_change ? changerOf(one) === id : one.billing_reason === reason)
    );
    return unasked.map((one) => `${id} showed nothing due, ${one.id} is over ${one.amount_due}`);
  }
  const paid = invoices.filter((one) => payersOf(one).includes(sold.stripe_intent ?? ""));
  const [invoice] = paid;
  const said = paid.map((one) =>
    `${one.id} (${one.billing_reason}, ${one.amount_due}, paid ${one.amount_paid} by ${
      payersOf(one).join(" and ")
    })`
  );
  const right = paid.length === 1 && invoice !== undefined &&
    subscriptionOf(invoice) === subscription &&
    payersOf(invoice).length === 1 && invoice.amount_due === total &&
    invoice.amount_paid === total && received === total &&
    // A free subscription that is paid for from now on is a change that makes one.
    (invoice.billing_reason === reason || invoice.billing_reason === "subscription_create");
  return right
    ? []
    : [`${id} showed ${total}, took ${received}, and paid ${said.join(", ") || "no invoice"}`];
}
