import type Stripe from "stripe";

/** What has an invoice answered with the subscription that it is of. */
export const WITH_SUBSCRIPTION = "parent.subscription_details.subscription";

/** That subscription, where it was read along, and whole: Stripe embeds ten items. */
export function subscriptionOf(invoice: Stripe.Invoice): Stripe.Subscription | undefined {
  const subscription = invoice.parent?.subscription_details?.subscription;
  return typeof subscription === "object" && !subscription.items.has_more
    ? subscription
    : undefined;
}
