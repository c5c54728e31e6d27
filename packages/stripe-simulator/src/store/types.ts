import type Stripe from "stripe";

/**
 * Stripe's own types as they are at rest: related objects are kept by id, never inside, and exact
 * decimals as the text that is sent. That the compiler holds every object built here against the
 * `stripe` package's types keeps the simulator at that package's API version.
 */
export type Stored<V> = [Extract<V, string>] extends [never] ? StoredEach<V>
  : [string] extends [Extract<V, string>] ? Exclude<V, object>
  : StoredEach<V>;

type StoredEach<V> = V extends Stripe.Decimal ? string
  : V extends readonly (infer U)[] ? Stored<U>[]
  : V extends object ? { [K in keyof V]: Stored<V[K]> }
  : V;

export type Customer = Stored<Stripe.Customer>;
export type Product = Stored<Stripe.Product>;
export type Price = Stored<Stripe.Price>;
export type Plan = Stored<Stripe.Plan>;
export type Feature = Stored<Stripe.Entitlements.Feature>;
/** With its feature whole, as Stripe always shows it. */
export type ProductFeature = Omit<Stored<Stripe.ProductFeature>, "entitlement_feature"> & {
  entitlement_feature: Feature;
};
export type PaymentMethod = Stored<Stripe.PaymentMethod>;
export type PaymentIntent = Stored<Stripe.PaymentIntent>;
export type PaymentError = NonNullable<PaymentIntent["last_payment_error"]>;
export type SetupIntent = Stored<Stripe.SetupIntent>;
export type SetupAttempt = Stored<Stripe.SetupAttempt>;
export type Charge = Stored<Stripe.Charge>;
export type ApplicationFee = Stored<Stripe.ApplicationFee>;
export type Refund = Stored<Stripe.Refund>;
export type Dispute = Stored<Stripe.Dispute>;
export type BalanceTransaction = Stored<Stripe.BalanceTransaction>;
export type SubscriptionItem = Stored<Stripe.SubscriptionItem>;
export type Subscription = Stored<Stripe.Subscription>;
export type Invoice = Stored<Stripe.Invoice>;
export type InvoiceLine = Stored<Stripe.InvoiceLineItem>;
export type InvoicePayment = Stored<Stripe.InvoicePayment>;
export type InvoiceItem = Stored<Stripe.InvoiceItem>;
export type Coupon = Stored<Stripe.Coupon>;
export type Discount = Stored<Stripe.Discount>;
export type CustomerBalanceTransaction = Stored<Stripe.CustomerBalanceTransaction>;
export type LineTax = NonNullable<InvoiceLine["taxes"]>[number];
export type TaxId = Stored<Stripe.TaxId>;
export type WebhookEndpoint = Stored<Stripe.WebhookEndpoint>;
export type PortalConfiguration = Stored<Stripe.BillingPortal.Configuration>;
export type PortalSession = Stored<Stripe.BillingPortal.Session>;
export type ConnectedAccount = Stored<Stripe.Account>;
export type Mandate = Stored<Stripe.Mandate>;

/** An event with its payload as sent; loosely typed, since it may carry any object. */
export interface StoredEvent {
  id: string;
  object: "event";
  account?: string;
  api_version: string;
  created: number;
  data: { object: Record<string, unknown>; previous_attributes?: Record<string, unknown> };
  livemode: false;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: string;
}
