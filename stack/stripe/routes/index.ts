import type { Route } from "../http/router.ts";
import { catalogRoutes } from "./catalog.ts";
import { chargeRoutes } from "./charges.ts";
import { couponRoutes } from "./coupons.ts";
import { customerBalanceRoutes } from "./customer-balance.ts";
import { customerRoutes } from "./customers.ts";
import { disputeRoutes } from "./disputes.ts";
import { invoiceItemRoutes } from "./invoice-items.ts";
import { invoiceRoutes } from "./invoices.ts";
import { previewRoutes } from "./previews.ts";
import { paymentIntentRoutes } from "./payment-intents.ts";
import { paymentMethodRoutes } from "./payment-methods.ts";
import { platformRoutes } from "./platform.ts";
import { refundRoutes } from "./refunds.ts";
import { setupIntentRoutes } from "./setup-intents.ts";
import { subscriptionRoutes } from "./subscriptions.ts";
import { taxIdRoutes } from "./tax-ids.ts";
import { taxTransactionRoutes } from "./tax-transactions.ts";
import { taxRoutes } from "./tax.ts";

/** Every endpoint that the simulator serves. */
export const routes: readonly Route[] = [
  ...catalogRoutes,
  ...chargeRoutes,
  ...couponRoutes,
  ...customerBalanceRoutes,
  ...customerRoutes,
  ...disputeRoutes,
  ...invoiceItemRoutes,
  ...invoiceRoutes,
  ...paymentIntentRoutes,
  ...paymentMethodRoutes,
  ...platformRoutes,
  ...previewRoutes,
  ...refundRoutes,
  ...setupIntentRoutes,
  ...subscriptionRoutes,
  ...taxIdRoutes,
  ...taxRoutes,
  ...taxTransactionRoutes,
];
