import { newId } from "../core/ids.ts";
import type { BalanceTransaction, Charge, Dispute } from "../store/types.ts";

/** Days that the merchant has to answer. */
const ANSWER_SECONDS = 7 * 86_400;

function noEvidence(): Dispute["evidence"] {
  return {
    access_activity_log: null,
    billing_address: null,
    cancellation_policy: null,
    cancellation_policy_disclosure: null,
    cancellation_rebuttal: null,
    customer_communication: null,
    customer_email_address: null,
    customer_name: null,
    customer_purchase_ip: null,
    customer_signature: null,
    duplicate_charge_documentation: null,
    duplicate_charge_explanation: null,
    duplicate_charge_id: null,
    enhanced_evidence: {},
    product_description: null,
    receipt: null,
    refund_policy: null,
    refund_policy_disclosure: null,
    refund_refusal_explanation: null,
    service_date: null,
    service_documentation: null,
    shipping_address: null,
    shipping_carrier: null,
    shipping_date: null,
    shipping_documentation: null,
    shipping_tracking_number: null,
    uncategorized_file: null,
    uncategorized_text: null,
  };
}

export interface NewDispute {
  amount: number;
  reason: string;
  status: Dispute["status"];
}

export function newDispute(now: number, charge: Charge, given: NewDispute): Dispute {
  const card = charge.payment_method_details?.card;
  const inquiry = given.status.startsWith("warning");
  return {
    id: newId("du"),
    object: "dispute",
    amount: given.amount,
    balance_transactions: [],
    charge: charge.id,
    created: now,
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: noEvidence(),
    evidence_details: {
      due_by: given.status === "lost" ? null : now + ANSWER_SECONDS,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: "not_submitted",
    },
    intended_submission_method: null,
    is_charge_refundable: inquiry,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    ...(card === undefined ? {} : {
      payment_method_details: {
        card: {
          brand: card.brand ?? "visa",
          case_type: inquiry ? "inquiry" : "chargeback",
          network: card.network ?? "visa",
          network_reason_code: given.reason === "product_not_received" ? "13.1" : "10.4",
        },
        type: "card",
      },
    }),
    reason: given.reason,
    status: given.status,
  };
}

/** Money that a dispute takes from the merchant's balance, or brings back. */
export function disputeTransaction(
  now: number,
  dispute: Dispute,
  sign: 1 | -1,
): BalanceTransaction {
  const amount = sign * dispute.amount;
  return {
    id: newId("txn"),
    object: "balance_transaction",
    amount,
    available_on: now,
    balance_type: "payments",
    created: now,
    currency: dispute.currency,
    description: `${
      sign < 0 ? "Chargeback withdrawal" : "Chargeback reversal"
    } for ${dispute.charge}`,
    exchange_rate: null,
    fee: 0,
    fee_details: [],
    net: amount,
    reporting_category: sign < 0 ? "dispute" : "dispute_reversal",
    source: dispute.id,
    status: "available",
    type: "adjustment",
  };
}
