import type { ReactNode } from "react";
import { CheckoutError } from "../errors.ts";
import { useEntitlements } from "./queries.ts";

export interface FeatureGateProps {
  /** The feature's key in the catalogue. */
  readonly feature: string;
  /** Shown where the customer may not use it. */
  readonly fallback?: ReactNode;
  /** Shown until that is known. */
  readonly pending?: ReactNode;
  readonly children: ReactNode;
}

/**
 * Shows its children to a customer who may use a feature. It hides what is of no use and protects nothing: whatever must not be
 * had without paying asks on a server, or in a policy.
 */
export function FeatureGate({ feature, fallback, pending, children }: FeatureGateProps) {
  const { data, error } = useEntitlements();
  // What passes says nothing of what the customer may use: who has paid is offered nothing to buy.
  const isUnknown = error === null || (error instanceof CheckoutError && error.retryable);
  if (data === undefined && isUnknown) return pending;
  const granted = data?.entitlements.find(({ featureKey }) => featureKey === feature);
  // A limit of zero leaves nothing to use.
  return granted !== undefined && granted.limit !== 0 ? children : fallback;
}
