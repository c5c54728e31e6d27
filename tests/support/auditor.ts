import type Stripe from "stripe";
import type { CreateResponse } from "../../shared/contract/create.ts";
import type { Shop } from "./shop.ts";

/** What Stripe's books say of a checkout, found as an auditor would: from the session's own label on the subscription. */
export async function booksOf(shop: Shop, session: CreateResponse) {
  const { stripe, onAccount } = shop;
  const { data: all } = await stripe.subscriptions.list(
    { status: "all", limit: 100 },
    onAccount,
  );
  const subscriptions = all.filter(({ metadata }) =>
    metadata["checkout_session_id"] === session.id
  );
  const invoices: Stripe.Invoice[] = [];
  for (const { id } of subscriptions) {
    const { data } = await stripe.invoices.list(
      { subscription: id, limit: 100, expand: ["data.payments"] },
      onAccount,
    );
    invoices.push(...data);
  }
  return {
    subscriptions,
    live: subscriptions.filter(({ ended_at: ended }) => ended === null),
    /** The invoice that a subscription of the session was made with. */
    first: invoices.find(({ billing_reason: reason }) => reason === "subscription_create"),
    invoices,
  };
}

/** The intents that paid an invoice: those attached to it, and the one that its metadata names. */
export function paidBy({ payments, metadata }: Stripe.Invoice): string[] {
  const attached = (payments?.data ?? []).filter(({ status }) => status === "paid")
    .flatMap(({ payment }) => payment.payment_intent ?? [])
    .map((intent) => typeof intent === "string" ? intent : intent.id);
  const named = metadata?.["payment_intent_id"] ?? "";
  return [...new Set([...attached, ...(named === "" ? [] : [named])])];
}

/** Every charge that was made of a customer's cards, whether or not it went back; minor units, oldest first. */
export async function chargesOf(shop: Shop, customer: string): Promise<Stripe.Charge[]> {
  const { data } = await shop.stripe.charges.list({ customer, limit: 100 }, shop.onAccount);
  return data.filter(({ paid }) => paid).toReversed();
}
