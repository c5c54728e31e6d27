import type Stripe from "stripe";
import { type Accounts, accounts } from "./accounts.ts";
import { type Backlog, backlog } from "./backlog.ts";
import { type Billing, billing } from "./billing.ts";
import { type Intents, intents } from "./intents.ts";
import { type PaymentIntents, paymentIntents } from "./payment-intents.ts";
import { type Refunds, refunds } from "./refunds.ts";
import { type SetupIntents, setupIntents } from "./setup-intents.ts";
import { type SubscriptionChanges, subscriptionChanges } from "./subscription-changes.ts";
import { type Taxes, taxes } from "./taxes.ts";
import { type Subscriptions, subscriptions } from "./subscriptions.ts";

/** Everything that checkout asks of Stripe. */
export interface StripeGateway {
  readonly accounts: Accounts;
  readonly backlog: Backlog;
  readonly billing: Billing;
  readonly intents: Intents;
  readonly paymentIntents: PaymentIntents;
  readonly refunds: Refunds;
  readonly setupIntents: SetupIntents;
  readonly subscriptionChanges: SubscriptionChanges;
  readonly subscriptions: Subscriptions;
  readonly taxes: Taxes;
}

const unixNow = () => Math.floor(Date.now() / 1000);

export function stripeGateway(stripe: Stripe): StripeGateway {
  return {
    accounts: accounts(stripe),
    backlog: backlog(stripe),
    billing: billing(stripe),
    intents: intents(stripe),
    paymentIntents: paymentIntents(stripe),
    refunds: refunds(stripe),
    setupIntents: setupIntents(stripe),
    subscriptionChanges: subscriptionChanges(stripe),
    subscriptions: subscriptions(stripe, unixNow),
    taxes: taxes(stripe),
  };
}
