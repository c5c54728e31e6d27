"use client";

export { CheckoutProvider, type CheckoutProviderProps, useCheckoutClient } from "./provider.tsx";
export { FeatureGate, type FeatureGateProps } from "./feature-gate.tsx";
export { type CardStep, PaymentSheet, type PaymentSheetProps } from "./payment-sheet.tsx";
export { PricingTable, type PricingTableProps } from "./pricing-table.tsx";
export { useEntitlements, useProducts } from "./queries.ts";
export { type Checkout, type CheckoutStep, useCheckout } from "./use-checkout.ts";
export { type CheckoutStatusResult, useCheckoutStatus } from "./use-checkout-status.ts";
