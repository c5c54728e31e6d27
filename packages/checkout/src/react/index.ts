"use client";

export { CheckoutProvider, type CheckoutProviderProps, useCheckoutClient } from "./provider.tsx";
export { formatAmount } from "../../../../shared/domain/currencies.ts";
export { FeatureGate, type FeatureGateProps } from "./feature-gate.tsx";
export { PaymentSheet } from "./payment-sheet.tsx";
export type { ActionStep, CardStep, PaymentSheetProps, PricingTableProps } from "./props.ts";
export { PricingTable } from "./pricing-table.tsx";
export {
  type Ending,
  useEnding,
  useEntitlements,
  useProducts,
  useSubscriptions,
} from "./queries.ts";
export type { Labels } from "./labels.ts";
export type { CheckoutStep } from "./steps.ts";
export { type Checkout, type Resumed, useCheckout } from "./use-checkout.ts";
export { type CheckoutStatusResult, useCheckoutStatus } from "./use-checkout-status.ts";
