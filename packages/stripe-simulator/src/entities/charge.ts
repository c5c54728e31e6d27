import { newId } from "../core/ids.ts";
import type { Charge, PaymentIntent, PaymentMethod } from "../store/types.ts";
import type { Decline } from "./test-methods.ts";

type Details = NonNullable<Charge["payment_method_details"]>;

function cardDetails(card: NonNullable<PaymentMethod["card"]>, authenticated: boolean): Details {
  return {
    type: "card",
    card: {
      amount_authorized: null,
      authorization_code: null,
      brand: card.brand,
      checks: {
        address_line1_check: null,
        address_postal_code_check: null,
        cvc_check: card.checks?.cvc_check === "unchecked" ? "pass" : null,
      },
      country: card.country,
      electronic_commerce_indicator: null,
      exp_month: card.exp_month,
      exp_year: card.exp_year,
      fingerprint: card.fingerprint ?? null,
      funding: card.funding,
      installments: null,
      last4: card.last4,
      mandate: null,
      network: card.brand,
      network_transaction_id: null,
      regulated_status: "unregulated",
      three_d_secure: authenticated
        ? {
          authentication_flow: "challenge",
          electronic_commerce_indicator: "05",
          exemption_indicator: null,
          result: "authenticated",
          result_reason: null,
          transaction_id: null,
          version: "2.2.0",
        }
        : null,
      transaction_link_id: null,
      wallet: null,
    },
  };
}

function detailsOf(method: PaymentMethod, authenticated: boolean, mandate: string | null): Details {
  if (method.card !== undefined) return cardDetails(method.card, authenticated);
  if (method.us_bank_account !== undefined) {
    const { account_holder_type, account_type, bank_name, fingerprint, last4, routing_number } =
      method.us_bank_account;
    return {
      type: "us_bank_account",
      us_bank_account: {
        account_holder_type,
        account_type,
        bank_name,
        fingerprint,
        last4,
        ...(mandate === null ? {} : { mandate }),
        payment_reference: null,
        routing_number,
      },
    };
  }
  const sepa = method.sepa_debit;
  return {
    type: "sepa_debit",
    sepa_debit: {
      bank_code: sepa?.bank_code ?? null,
      branch_code: sepa?.branch_code ?? null,
      country: sepa?.country ?? null,
      fingerprint: sepa?.fingerprint ?? null,
      last4: sepa?.last4 ?? null,
      mandate,
    },
  };
}

export function outcomeOf(decline: Decline | null): NonNullable<Charge["outcome"]> {
  const normal = { risk_level: "normal", risk_score: 20, network_advice_code: null };
  if (decline === null) {
    return {
      ...normal,
      advice_code: null,
      network_decline_code: null,
      network_status: "approved_by_network",
      reason: null,
      seller_message: "Payment complete.",
      type: "authorized",
    };
  }
  const blocked = decline.decline_code === "fraudulent";
  return {
    ...normal,
    ...(blocked ? { risk_level: "highest", risk_score: 90 } : {}),
    advice_code: decline.advice_code ?? null,
    network_decline_code: null,
    network_status: blocked ? "not_sent_to_network" : "declined_by_network",
    reason: blocked ? "highest_risk_level" : decline.decline_code ?? decline.code,
    seller_message: blocked
      ? "Stripe blocked this payment as too risky."
      : "The bank did not return any further details with this decline.",
    type: blocked ? "blocked" : "issuer_declined",
  };
}

export function newCharge(
  now: number,
  intent: PaymentIntent,
  method: PaymentMethod,
  result: "succeeded" | "pending" | Decline,
  options: { authenticated: boolean; mandate: string | null },
): Charge {
  const decline = typeof result === "string" ? null : result;
  const id = newId(method.type === "card" ? "ch" : "py");
  const taken = decline === null;
  return {
    id,
    object: "charge",
    amount: intent.amount,
    amount_captured: taken ? intent.amount : 0,
    amount_refunded: 0,
    application: intent.application,
    application_fee: null,
    application_fee_amount: intent.application_fee_amount,
    balance_transaction: null,
    billing_details: method.billing_details,
    calculated_statement_descriptor: method.type === "card" ? "A TEST ACCOUNT" : null,
    captured: taken,
    created: now,
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: { ...intent.metadata },
    on_behalf_of: null,
    outcome: outcomeOf(decline),
    paid: result === "succeeded",
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: detailsOf(method, options.authenticated, options.mandate),
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: typeof result === "string" ? result : "failed",
    transfer_data: null,
    transfer_group: null,
  };
}
