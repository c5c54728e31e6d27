import type { Snapshot } from "../../../../shared/contract/snapshot.ts";
import { session } from "./sold-session.ts";

/** A session as its customer sees it. */
export const snapshot: Snapshot = {
  id: session.id,
  version: 3,
  status: "processing",
  checkoutMode: "standard",
  amount: session.amount,
  currency: session.currency,
  discountAmount: session.discountAmount,
  taxAmount: session.taxAmount,
  adjustmentAmount: session.adjustmentAmount,
  totalAmount: session.totalAmount,
  product: session.product,
  expiresAt: session.expiresAt,
  features: [],
};
