import type Stripe from "stripe";
import { unixNow } from "../runtime/clock.ts";
import { type Accounts, accounts } from "./accounts.ts";
import { type Backlog, backlog } from "./backlog.ts";
import { billing, type BillingReadings } from "./billing.ts";
import { type Cancellations, cancellations } from "./cancellations.ts";
import { type Coupons, coupons } from "./coupons.ts";
import { type Customers, customers } from "./customers.ts";
import { type Intents, intents } from "./intents.ts";
import { type Invoices, invoices } from "./invoices.ts";
import { type Offers, offers } from "./offers.ts";
import { type PaymentIntents, paymentIntents } from "./payment-intents.ts";
import { type Portal, portal } from "./portal.ts";
import { type Previews, previews } from "./previews.ts";
import { type Prices, prices } from "./prices.ts";
import { type Refunds, refunds } from "./refunds.ts";
import { type SetupIntents, setupIntents } from "./setup-intents.ts";
import { type SubscriptionChanges, subscriptionChanges } from "./subscription-changes.ts";
import { type Subscriptions, subscriptions } from "./subscriptions.ts";

/** Everything that checkout asks of Stripe. */
export interface StripeGateway {
  readonly accounts: Accounts;
  readonly backlog: Backlog;
  readonly billing: BillingReadings;
  readonly cancellations: Cancellations;
  readonly coupons: Coupons;
  readonly customers: Customers;
  readonly intents: Intents;
  readonly invoices: Invoices;
  readonly offers: Offers;
  readonly paymentIntents: PaymentIntents;
  readonly portal: Portal;
  readonly previews: Previews;
  readonly prices: Prices;
  readonly refunds: Refunds;
  readonly setupIntents: SetupIntents;
  readonly subscriptionChanges: SubscriptionChanges;
  readonly subscriptions: Subscriptions;
}

export function stripeGateway(stripe: Stripe, now: () => number = unixNow): StripeGateway {
  const previewCalls = previews(stripe);
  const subscriptionCalls = subscriptions(stripe);
  return {
    accounts: accounts(stripe),
    backlog: backlog(stripe),
    billing: billing(stripe),
    cancellations: cancellations(stripe, subscriptionCalls),
    coupons: coupons(stripe),
    customers: customers(stripe),
    intents: intents(stripe),
    invoices: invoices(stripe),
    offers: offers(stripe),
    paymentIntents: paymentIntents(stripe),
    portal: portal(stripe),
    previews: previewCalls,
    prices: prices(stripe, now),
    refunds: refunds(stripe),
    setupIntents: setupIntents(stripe),
    subscriptionChanges: subscriptionChanges(stripe, previewCalls),
    subscriptions: subscriptionCalls,
  };
}
