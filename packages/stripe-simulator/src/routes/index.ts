import type { Route } from "../http/router.ts";
import { applicationFeeRoutes } from "./application-fees.ts";
import { billingPortalRoutes } from "./billing-portal.ts";
import { chargeRoutes } from "./charges.ts";
import { couponRoutes } from "./coupons.ts";
import { customerBalanceRoutes } from "./customer-balance.ts";
import { customerRoutes } from "./customers.ts";
import { disputeRoutes } from "./disputes.ts";
import { entitlementRoutes } from "./entitlements.ts";
import { invoiceActionRoutes } from "./invoice-actions.ts";
import { invoiceItemRoutes } from "./invoice-items.ts";
import { invoiceRoutes } from "./invoices.ts";
import { previewRoutes } from "./previews.ts";
import { paymentIntentRoutes } from "./payment-intents.ts";
import { paymentMethodRoutes } from "./payment-methods.ts";
import { platformRoutes } from "./platform.ts";
import { priceRoutes } from "./prices.ts";
import { productRoutes } from "./products.ts";
import { refundRoutes } from "./refunds.ts";
import { setupIntentRoutes } from "./setup-intents.ts";
import { subscriptionItemRoutes } from "./subscription-items.ts";
import { subscriptionRoutes } from "./subscriptions.ts";
import { subscriptionUpdateRoutes } from "./subscription-updates.ts";
import { taxIdRoutes } from "./tax-ids.ts";

/** Every endpoint that the simulator serves. */
export const routes: readonly Route[] = [
  ...applicationFeeRoutes,
  ...billingPortalRoutes,
  ...chargeRoutes,
  ...couponRoutes,
  ...customerBalanceRoutes,
  ...customerRoutes,
  ...disputeRoutes,
  ...entitlementRoutes,
  ...invoiceActionRoutes,
  ...invoiceItemRoutes,
  ...invoiceRoutes,
  ...paymentIntentRoutes,
  ...paymentMethodRoutes,
  ...platformRoutes,
  ...previewRoutes,
  ...priceRoutes,
  ...productRoutes,
  ...refundRoutes,
  ...setupIntentRoutes,
  ...subscriptionItemRoutes,
  ...subscriptionRoutes,
  ...subscriptionUpdateRoutes,
  ...taxIdRoutes,
];
