/** Why a row stays behind. `docs/moving-in.md` says what to do about each. */
export type Reason =
  // Of a customer.
  | "no_external_id"
  | "external_id_too_long"
  | "external_id_twice"
  | "stripe_customer_twice"
  | "malformed_id"
  | "not_at_stripe"
  | "deleted_at_stripe"
  | "stripe_customer_taken"
  | "other_stripe_customer"
  // Of a subscription.
  | "no_customer"
  | "subscription_twice"
  | "customer_left"
  | "customer_deleted"
  | "no_stripe_id"
  | "other_customer_at_stripe"
  | "incomplete"
  | "price_unknown"
  | "several_prices"
  | "already_subscribed"
  | "taken"
  | "of_a_checkout"
  | "not_read_again"
  // Of a finished checkout.
  | "no_subscription"
  // Of any of them: the reason is in the log.
  | "failed";

/** A row of the old tables that was not taken in, or not to the end. Named by ids alone: no e-mail address is in a report. */
export interface Left {
  readonly kind: "customer" | "subscription" | "checkout";
  readonly id: string;
  readonly stripeId: string | null;
  readonly reason: Reason;
  /** Ids that say more, such as the prices that the catalogue lacks. */
  readonly detail?: string;
}

/** A subscription that was. */
export const leftOf = (
  { id, stripeId }: Pick<Left, "id"> & { readonly stripeId: string },
  reason: Reason,
  detail?: string,
): Left => ({
  kind: "subscription",
  id,
  stripeId,
  reason,
  ...(detail === undefined ? {} : { detail }),
});
