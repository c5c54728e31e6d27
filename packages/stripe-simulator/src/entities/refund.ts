import { newId } from "../core/ids.ts";
import type { Charge, Refund } from "../store/types.ts";

/** A refund just made; whether the bank takes it is not said yet where it is `pending`. */
export function newRefund(
  now: number,
  charge: Charge,
  given: Pick<Refund, "amount" | "metadata" | "reason" | "status">,
): Refund {
  const type = charge.payment_method_details?.type ?? "card";
  return {
    id: newId("re"),
    object: "refund",
    amount: given.amount,
    balance_transaction: null,
    charge: charge.id,
    created: now,
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: type === "card"
      ? {
        card: {
          reference_status: "pending",
          reference_type: "acquirer_reference_number",
          type: "refund",
        },
        type,
      }
      : { type },
    metadata: given.metadata,
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: given.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: given.status,
    transfer_reversal: null,
  };
}
