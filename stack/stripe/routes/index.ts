import type { Route } from "../http/router.ts";
import { catalogRoutes } from "./catalog.ts";
import { chargeRoutes } from "./charges.ts";
import { customerRoutes } from "./customers.ts";
import { disputeRoutes } from "./disputes.ts";
import { invoiceRoutes } from "./invoices.ts";
import { previewRoutes } from "./previews.ts";
import { paymentIntentRoutes } from "./payment-intents.ts";
import { paymentMethodRoutes } from "./payment-methods.ts";
import { platformRoutes } from "./platform.ts";
import { refundRoutes } from "./refunds.ts";
import { setupIntentRoutes } from "./setup-intents.ts";
import { subscriptionRoutes } from "./subscriptions.ts";

/** Every endpoint that the simulator serves. */
export const routes: readonly Route[] = [
  ...catalogRoutes,
  ...chargeRoutes,
  ...customerRoutes,
  ...disputeRoutes,
  ...invoiceRoutes,
  ...paymentIntentRoutes,
  ...paymentMethodRoutes,
  ...platformRoutes,
  ...previewRoutes,
  ...refundRoutes,
  ...setupIntentRoutes,
  ...subscriptionRoutes,
];
