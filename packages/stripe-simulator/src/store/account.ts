import type { LineDraft } from "../entities/invoice-line.ts";
import type { Behaviour } from "../entities/test-methods.ts";
import type * as T from "./types.ts";
import { Table } from "./table.ts";

/**
 * How far a payment method is used up. Without a customer it pays once; if that payment said
 * `setup_future_usage` it may still be attached, otherwise never again.
 */
export type Use = "fresh" | "attachable" | "consumed";

/** What Stripe knows of a payment method and does not show. */
export interface MethodSecret {
  behaviour: Behaviour;
  use: Use;
  /** Authentication has been passed while it was set up, so off-session charges go through. */
  setUp: boolean;
}

/** A bank debit on its way: it settles or fails at an instant, or earlier when told. */
export interface PendingDebit {
  intentId: string;
  chargeId: string;
  settlesAt: number;
  failure: string | null;
}

/** What the bank will say of a refund, and when. */
export interface RefundAtBank {
  answersAt: number;
  failure: string | null;
}

/** A stretch of time and the amount, after discounts, that it was billed at. */
export interface BilledTime {
  start: number;
  end: number;
  amount: number;
  /** The invoice, or invoice item, that bills it. */
  source: string;
  /** The invoice items that credit what comes after an instant. */
  credits: { from: number; source: string }[];
}

/** An authentication (3D Secure) that the customer has yet to pass. */
export interface PendingAuthentication {
  intentId: string;
  methodId: string;
  /** Where the page sends the browser afterwards. */
  returnUrl: string | null;
}

/** All that one Stripe account holds: nothing in it is visible to another. */
export class Account {
  readonly id: string;
  readonly settings: T.ConnectedAccount;
  readonly connected: boolean;
  /** False once the merchant has cut the connection: the platform's key no longer opens it. */
  authorized = true;

  readonly customers = new Table<T.Customer>("customer");
  readonly deletedCustomers = new Set<string>();
  readonly products = new Table<T.Product>("product");
  readonly prices = new Table<T.Price>("price");
  readonly features = new Table<T.Feature>("feature");
  /** What is attached to a product, oldest first, by the product's id. */
  readonly productFeatures = new Map<string, T.ProductFeature[]>();
  readonly paymentMethods = new Table<T.PaymentMethod>("PaymentMethod");
  readonly paymentIntents = new Table<T.PaymentIntent>("payment_intent");
  readonly setupIntents = new Table<T.SetupIntent>("setupintent");
  readonly setupAttempts = new Table<T.SetupAttempt>("setup_attempt");
  readonly mandates = new Table<T.Mandate>("mandate");
  readonly charges = new Table<T.Charge>("charge");
  /** What this account took of others' charges; only a platform's takes fees. */
  readonly applicationFees = new Table<T.ApplicationFee>("application_fee");
  readonly refunds = new Table<T.Refund>("refund");
  readonly disputes = new Table<T.Dispute>("dispute");
  readonly subscriptions = new Table<T.Subscription>("subscription");
  readonly invoices = new Table<T.Invoice>("invoice");
  readonly invoicePayments = new Table<T.InvoicePayment>("invoice_payment");
  readonly invoiceItems = new Table<T.InvoiceItem>("invoiceitem");
  readonly coupons = new Table<T.Coupon>("coupon");
  readonly discounts = new Table<T.Discount>("discount");
  readonly balanceTransactions = new Table<T.CustomerBalanceTransaction>(
    "customer balance transaction",
  );
  readonly taxIds = new Table<T.TaxId>("tax_id");
  /** Ids of tax rates by what they are. */
  readonly taxRates = new Map<string, string>();
  readonly portalConfigurations = new Table<T.PortalConfiguration>("configuration");
  readonly portalSessions = new Table<T.PortalSession>("session");
  readonly webhookEndpoints = new Table<T.WebhookEndpoint>("webhook endpoint");
  readonly events = new Table<T.StoredEvent>("event");

  readonly methodSecrets = new Map<string, MethodSecret>();
  readonly debits = new Map<string, PendingDebit>();
  /** By the refund's id. */
  readonly refundsAtBank = new Map<string, RefundAtBank>();
  readonly authentications = new Map<string, PendingAuthentication>();
  /** Ids of the subscriptions whose `trial_will_end` has been told. */
  readonly trialEndTold = new Set<string>();
  /** What time still does something to; who looks for it takes out what is over. */
  readonly liveSubscriptions = new Set<T.Subscription>();
  readonly unpaidInvoices = new Set<T.Invoice>();
  /** The payments of an invoice, oldest first, by the invoice's id. */
  readonly paymentsOfInvoice = new Map<string, T.InvoicePayment[]>();
  /** The payment of an invoice that a payment intent makes, by the intent's id. */
  readonly paymentOfIntent = new Map<string, T.InvoicePayment>();
  /** The products that a coupon is for, by its id; shown only when asked for. */
  readonly couponProducts = new Map<string, string[]>();
  /** The line that an invoice item will be, by its id. */
  readonly lineOfInvoiceItem = new Map<string, LineDraft>();
  /** The coupon as it was when it was redeemed, by the discount's id. */
  readonly redeemedCoupons = new Map<string, T.Coupon>();
  /** Discounts of the last whole period that a subscription was billed, by its id. */
  readonly lastDiscounts = new Map<string, string[]>();
  /** What has been billed of a subscription item's time, by the item's id. */
  readonly billed = new Map<string, BilledTime[]>();

  constructor(settings: T.ConnectedAccount, connected: boolean) {
    this.id = settings.id;
    this.settings = settings;
    this.connected = connected;
  }
}
