
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

export type Database = {
  
  "billing": {
          Tables: {
            "api_keys": {
                  Row: {
                    "created_at": string,"digest": string,"id": string,"last_used_at": string | null,"name": string,"organization_id": string,"prefix": string,"revoked_at": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"digest": string,"id"?: string,"last_used_at"?: string | null,"name"?: string,"organization_id": string,"prefix": string,"revoked_at"?: string | null
                  }
                  Update: {
                    "created_at"?: string,"digest"?: string,"id"?: string,"last_used_at"?: string | null,"name"?: string,"organization_id"?: string,"prefix"?: string,"revoked_at"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "api_keys_organization_id_fkey"
      columns: ["organization_id"]
isOneToOne: false
      referencedRelation: "organizations"
      referencedColumns: ["id"]
    }
                  ]
                },"applied_migrations": {
                  Row: {
                    "applied_at": string,"checksum": string,"name": string,"version": string
                  }
                  ComputedFields: never
                  Insert: {
                    "applied_at"?: string,"checksum": string,"name": string,"version": string
                  }
                  Update: {
                    "applied_at"?: string,"checksum"?: string,"name"?: string,"version"?: string
                  }
                  Relationships: [
                    
                  ]
                },"checkout_attempts": {
                  Row: {
                    "begun_on": string | null,"checkout_session_id": string,"created_at": string,"decline_code": string | null,"error_code": string | null,"finished_at": string | null,"id": string,"number": number,"organization_id": string,"payment_intent_id": string,"status": string,"stripe_payment_method_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "begun_on"?: never,"checkout_session_id": string,"created_at"?: string,"decline_code"?: string | null,"error_code"?: string | null,"finished_at"?: string | null,"id"?: string,"number": number,"organization_id": string,"payment_intent_id": string,"status"?: string,"stripe_payment_method_id": string
                  }
                  Update: {
                    "begun_on"?: never,"checkout_session_id"?: string,"created_at"?: string,"decline_code"?: string | null,"error_code"?: string | null,"finished_at"?: string | null,"id"?: string,"number"?: number,"organization_id"?: string,"payment_intent_id"?: string,"status"?: string,"stripe_payment_method_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "checkout_attempts_checkout_session_id_fkey"
      columns: ["checkout_session_id"]
isOneToOne: false
      referencedRelation: "checkout_sessions"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "checkout_attempts_payment_intent_id_fkey"
      columns: ["payment_intent_id"]
isOneToOne: false
      referencedRelation: "payment_intents"
      referencedColumns: ["id"]
    }
                  ]
                },"checkout_sessions": {
                  Row: {
                    "adjustment_amount": number,"amount": number,"application_fee_amount": number,"application_fee_bps": number,"automatic_tax": boolean,"cancel_url": string | null,"checked_at": string | null,"checkout_mode": string,"completed_at": string | null,"completed_on": string | null,"created_at": string,"currency": string,"customer_address": Json | null,"customer_email": string | null,"customer_id": string | null,"customer_name": string | null,"customer_tax_id": Json | null,"discount": Json | null,"discount_amount": number,"discount_id": string | null,"error_code": string | null,"error_message": string | null,"expires_at": string,"external_user_id": string,"fulfilling_since": string | null,"id": string,"idempotency_key": string | null,"intent_kind": string,"intent_revision": number,"livemode": boolean,"metadata": NonNullable<Json>,"opened_on": string | null,"organization_id": string,"payment_intent_id": string | null,"planned_at": string | null,"previewed_at": string | null,"price_id": string,"product": NonNullable<Json>,"product_id": string,"quantity": number,"repair_at": string | null,"request_hash": string,"session_token_id": string,"status": string,"stripe_account_id": string | null,"stripe_price_id": string | null,"subscription_id": string | null,"subscription_news": number,"success_url": string | null,"tax_amount": number,"total_amount": number,"trace_id": string | null,"trial_days": number,"updated_at": string,"version": number
                  }
                  ComputedFields: never
                  Insert: {
                    "adjustment_amount"?: number,"amount": number,"application_fee_amount"?: number,"application_fee_bps"?: number,"automatic_tax"?: boolean,"cancel_url"?: string | null,"checked_at"?: string | null,"checkout_mode": string,"completed_at"?: string | null,"completed_on"?: never,"created_at"?: string,"currency": string,"customer_address"?: Json | null,"customer_email"?: string | null,"customer_id"?: string | null,"customer_name"?: string | null,"customer_tax_id"?: Json | null,"discount"?: Json | null,"discount_amount"?: number,"discount_id"?: string | null,"error_code"?: string | null,"error_message"?: string | null,"expires_at": string,"external_user_id": string,"fulfilling_since"?: string | null,"id"?: string,"idempotency_key"?: string | null,"intent_kind"?: string,"intent_revision"?: number,"livemode"?: boolean,"metadata"?: NonNullable<Json>,"opened_on"?: never,"organization_id": string,"payment_intent_id"?: string | null,"planned_at"?: string | null,"previewed_at"?: string | null,"price_id": string,"product": NonNullable<Json>,"product_id": string,"quantity"?: number,"repair_at"?: string | null,"request_hash": string,"session_token_id": string,"status"?: string,"stripe_account_id"?: string | null,"stripe_price_id"?: string | null,"subscription_id"?: string | null,"subscription_news"?: number,"success_url"?: string | null,"tax_amount"?: number,"total_amount": number,"trace_id"?: string | null,"trial_days"?: number,"updated_at"?: string,"version"?: number
                  }
                  Update: {
                    "adjustment_amount"?: number,"amount"?: number,"application_fee_amount"?: number,"application_fee_bps"?: number,"automatic_tax"?: boolean,"cancel_url"?: string | null,"checked_at"?: string | null,"checkout_mode"?: string,"completed_at"?: string | null,"completed_on"?: never,"created_at"?: string,"currency"?: string,"customer_address"?: Json | null,"customer_email"?: string | null,"customer_id"?: string | null,"customer_name"?: string | null,"customer_tax_id"?: Json | null,"discount"?: Json | null,"discount_amount"?: number,"discount_id"?: string | null,"error_code"?: string | null,"error_message"?: string | null,"expires_at"?: string,"external_user_id"?: string,"fulfilling_since"?: string | null,"id"?: string,"idempotency_key"?: string | null,"intent_kind"?: string,"intent_revision"?: number,"livemode"?: boolean,"metadata"?: NonNullable<Json>,"opened_on"?: never,"organization_id"?: string,"payment_intent_id"?: string | null,"planned_at"?: string | null,"previewed_at"?: string | null,"price_id"?: string,"product"?: NonNullable<Json>,"product_id"?: string,"quantity"?: number,"repair_at"?: string | null,"request_hash"?: string,"session_token_id"?: string,"status"?: string,"stripe_account_id"?: string | null,"stripe_price_id"?: string | null,"subscription_id"?: string | null,"subscription_news"?: number,"success_url"?: string | null,"tax_amount"?: number,"total_amount"?: number,"trace_id"?: string | null,"trial_days"?: number,"updated_at"?: string,"version"?: number
                  }
                  Relationships: [
                    {
      foreignKeyName: "checkout_sessions_customer_id_fkey"
      columns: ["customer_id"]
isOneToOne: false
      referencedRelation: "customers"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "checkout_sessions_discount_id_fkey"
      columns: ["discount_id"]
isOneToOne: false
      referencedRelation: "discounts"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "checkout_sessions_organization_id_fkey"
      columns: ["organization_id"]
isOneToOne: false
      referencedRelation: "organizations"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "checkout_sessions_payment_intent_id_fkey"
      columns: ["payment_intent_id"]
isOneToOne: false
      referencedRelation: "payment_intents"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "checkout_sessions_price_id_fkey"
      columns: ["price_id"]
isOneToOne: false
      referencedRelation: "product_prices"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "checkout_sessions_product_id_fkey"
      columns: ["product_id"]
isOneToOne: false
      referencedRelation: "products"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "checkout_sessions_session_token_id_fkey"
      columns: ["session_token_id"]
isOneToOne: false
      referencedRelation: "session_tokens"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "checkout_sessions_subscription_id_fkey"
      columns: ["subscription_id"]
isOneToOne: false
      referencedRelation: "subscriptions"
      referencedColumns: ["id"]
    }
                  ]
                },"checkout_transitions": {
                  Row: {
                    "from_status": string,"to_status": string
                  }
                  ComputedFields: never
                  Insert: {
                    "from_status": string,"to_status": string
                  }
                  Update: {
                    "from_status"?: string,"to_status"?: string
                  }
                  Relationships: [
                    
                  ]
                },"customers": {
                  Row: {
                    "created_at": string,"details_revision": number,"email": string | null,"external_id": string,"id": string,"metadata": NonNullable<Json>,"name": string | null,"organization_id": string,"stripe_account_id": string | null,"stripe_customer_id": string | null,"stripe_generation": number,"told": Json | null,"told_revision": number | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"details_revision"?: number,"email"?: string | null,"external_id": string,"id"?: string,"metadata"?: NonNullable<Json>,"name"?: string | null,"organization_id": string,"stripe_account_id"?: string | null,"stripe_customer_id"?: string | null,"stripe_generation"?: number,"told"?: Json | null,"told_revision"?: number | null,"updated_at"?: string
                  }
                  Update: {
                    "created_at"?: string,"details_revision"?: number,"email"?: string | null,"external_id"?: string,"id"?: string,"metadata"?: NonNullable<Json>,"name"?: string | null,"organization_id"?: string,"stripe_account_id"?: string | null,"stripe_customer_id"?: string | null,"stripe_generation"?: number,"told"?: Json | null,"told_revision"?: number | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "customers_organization_id_fkey"
      columns: ["organization_id"]
isOneToOne: false
      referencedRelation: "organizations"
      referencedColumns: ["id"]
    }
                  ]
                },"deployed_names": {
                  Row: {
                    "kind": string,"name": string
                  }
                  ComputedFields: never
                  Insert: {
                    "kind": string,"name": string
                  }
                  Update: {
                    "kind"?: string,"name"?: string
                  }
                  Relationships: [
                    
                  ]
                },"discounts": {
                  Row: {
                    "active": boolean,"amount_off": number | null,"code": string,"created_at": string,"currency": string | null,"duration": string,"duration_in_months": number | null,"expires_at": string | null,"first_time_only": boolean,"id": string,"key": string | null,"max_redemptions": number | null,"metadata": NonNullable<Json>,"organization_id": string,"percent_off": number | null,"product_id": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "active"?: boolean,"amount_off"?: number | null,"code": string,"created_at"?: string,"currency"?: string | null,"duration"?: string,"duration_in_months"?: number | null,"expires_at"?: string | null,"first_time_only"?: boolean,"id"?: string,"key"?: string | null,"max_redemptions"?: number | null,"metadata"?: NonNullable<Json>,"organization_id": string,"percent_off"?: number | null,"product_id"?: string | null
                  }
                  Update: {
                    "active"?: boolean,"amount_off"?: number | null,"code"?: string,"created_at"?: string,"currency"?: string | null,"duration"?: string,"duration_in_months"?: number | null,"expires_at"?: string | null,"first_time_only"?: boolean,"id"?: string,"key"?: string | null,"max_redemptions"?: number | null,"metadata"?: NonNullable<Json>,"organization_id"?: string,"percent_off"?: number | null,"product_id"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "discounts_organization_id_fkey"
      columns: ["organization_id"]
isOneToOne: false
      referencedRelation: "organizations"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "discounts_product_id_fkey"
      columns: ["product_id"]
isOneToOne: false
      referencedRelation: "products"
      referencedColumns: ["id"]
    }
                  ]
                },"disputes": {
                  Row: {
                    "amount": number,"created_at": string,"currency": string,"id": string,"invoice_id": string | null,"opened_at": string,"organization_id": string,"payment_intent_id": string | null,"reason": string,"revision": number,"status": string,"stripe_account_id": string | null,"stripe_charge_id": string,"stripe_dispute_id": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "amount": number,"created_at"?: string,"currency": string,"id"?: string,"invoice_id"?: string | null,"opened_at": string,"organization_id": string,"payment_intent_id"?: string | null,"reason": string,"revision"?: number,"status": string,"stripe_account_id"?: string | null,"stripe_charge_id": string,"stripe_dispute_id": string,"updated_at"?: string
                  }
                  Update: {
                    "amount"?: number,"created_at"?: string,"currency"?: string,"id"?: string,"invoice_id"?: string | null,"opened_at"?: string,"organization_id"?: string,"payment_intent_id"?: string | null,"reason"?: string,"revision"?: number,"status"?: string,"stripe_account_id"?: string | null,"stripe_charge_id"?: string,"stripe_dispute_id"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "disputes_invoice_id_fkey"
      columns: ["invoice_id"]
isOneToOne: false
      referencedRelation: "invoices"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "disputes_organization_id_fkey"
      columns: ["organization_id"]
isOneToOne: false
      referencedRelation: "organizations"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "disputes_payment_intent_id_fkey"
      columns: ["payment_intent_id"]
isOneToOne: false
      referencedRelation: "payment_intents"
      referencedColumns: ["id"]
    }
                  ]
                },"feature_grants": {
                  Row: {
                    "customer_id": string,"expires_at": string | null,"feature_id": string,"granted_at": string,"id": string,"quantity": number | null,"revoked_at": string | null,"subscription_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "customer_id": string,"expires_at"?: string | null,"feature_id": string,"granted_at"?: string,"id"?: string,"quantity"?: number | null,"revoked_at"?: string | null,"subscription_id": string
                  }
                  Update: {
                    "customer_id"?: string,"expires_at"?: string | null,"feature_id"?: string,"granted_at"?: string,"id"?: string,"quantity"?: number | null,"revoked_at"?: string | null,"subscription_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "feature_grants_customer_id_fkey"
      columns: ["customer_id"]
isOneToOne: false
      referencedRelation: "customers"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "feature_grants_feature_id_fkey"
      columns: ["feature_id"]
isOneToOne: false
      referencedRelation: "features"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "feature_grants_subscription_id_fkey"
      columns: ["subscription_id"]
isOneToOne: false
      referencedRelation: "subscriptions"
      referencedColumns: ["id"]
    }
                  ]
                },"features": {
                  Row: {
                    "created_at": string,"id": string,"key": string,"name": string,"organization_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"id"?: string,"key": string,"name": string,"organization_id": string
                  }
                  Update: {
                    "created_at"?: string,"id"?: string,"key"?: string,"name"?: string,"organization_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "features_organization_id_fkey"
      columns: ["organization_id"]
isOneToOne: false
      referencedRelation: "organizations"
      referencedColumns: ["id"]
    }
                  ]
                },"invoices": {
                  Row: {
                    "amount_due": number,"amount_paid": number,"amount_refunded": number,"attempt_count": number,"billing_reason": string | null,"created_at": string,"currency": string,"customer_id": string,"finalized_at": string | null,"id": string,"next_payment_attempt": string | null,"number": string | null,"organization_id": string,"paid_at": string | null,"period_end": string,"period_start": string,"revision": number,"status": string,"stripe_account_id": string | null,"stripe_invoice_id": string,"stripe_payment_intent_id": string | null,"subscription_id": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "amount_due": number,"amount_paid": number,"amount_refunded"?: number,"attempt_count"?: number,"billing_reason"?: string | null,"created_at"?: string,"currency": string,"customer_id": string,"finalized_at"?: string | null,"id"?: string,"next_payment_attempt"?: string | null,"number"?: string | null,"organization_id": string,"paid_at"?: string | null,"period_end": string,"period_start": string,"revision"?: number,"status": string,"stripe_account_id"?: string | null,"stripe_invoice_id": string,"stripe_payment_intent_id"?: string | null,"subscription_id": string,"updated_at"?: string
                  }
                  Update: {
                    "amount_due"?: number,"amount_paid"?: number,"amount_refunded"?: number,"attempt_count"?: number,"billing_reason"?: string | null,"created_at"?: string,"currency"?: string,"customer_id"?: string,"finalized_at"?: string | null,"id"?: string,"next_payment_attempt"?: string | null,"number"?: string | null,"organization_id"?: string,"paid_at"?: string | null,"period_end"?: string,"period_start"?: string,"revision"?: number,"status"?: string,"stripe_account_id"?: string | null,"stripe_invoice_id"?: string,"stripe_payment_intent_id"?: string | null,"subscription_id"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "invoices_customer_id_fkey"
      columns: ["customer_id"]
isOneToOne: false
      referencedRelation: "customers"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "invoices_organization_id_fkey"
      columns: ["organization_id"]
isOneToOne: false
      referencedRelation: "organizations"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "invoices_subscription_id_fkey"
      columns: ["subscription_id"]
isOneToOne: false
      referencedRelation: "subscriptions"
      referencedColumns: ["id"]
    }
                  ]
                },"organization_guards": {
                  Row: {
                    "declines": number,"organization_id": string,"raised_at": string,"until": string
                  }
                  ComputedFields: never
                  Insert: {
                    "declines": number,"organization_id": string,"raised_at": string,"until": string
                  }
                  Update: {
                    "declines"?: number,"organization_id"?: string,"raised_at"?: string,"until"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "organization_guards_organization_id_fkey"
      columns: ["organization_id"]
isOneToOne: true
      referencedRelation: "organizations"
      referencedColumns: ["id"]
    }
                  ]
                },"organization_members": {
                  Row: {
                    "created_at": string,"organization_id": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"organization_id": string,"user_id": string
                  }
                  Update: {
                    "created_at"?: string,"organization_id"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "organization_members_organization_id_fkey"
      columns: ["organization_id"]
isOneToOne: false
      referencedRelation: "organizations"
      referencedColumns: ["id"]
    }
                  ]
                },"organizations": {
                  Row: {
                    "application_fee_bps": number,"auth_users": string,"catalogue_account_id": string | null,"created_at": string,"dispute_policy": string,"id": string,"key": string | null,"livemode": boolean,"metadata": NonNullable<Json>,"name": string,"past_due_grace_days": number | null,"stripe_account_id": string | null,"tax_enabled": boolean,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "application_fee_bps"?: number,"auth_users"?: string,"catalogue_account_id"?: string | null,"created_at"?: string,"dispute_policy"?: string,"id"?: string,"key"?: string | null,"livemode"?: boolean,"metadata"?: NonNullable<Json>,"name": string,"past_due_grace_days"?: number | null,"stripe_account_id"?: string | null,"tax_enabled"?: boolean,"updated_at"?: string
                  }
                  Update: {
                    "application_fee_bps"?: number,"auth_users"?: string,"catalogue_account_id"?: string | null,"created_at"?: string,"dispute_policy"?: string,"id"?: string,"key"?: string | null,"livemode"?: boolean,"metadata"?: NonNullable<Json>,"name"?: string,"past_due_grace_days"?: number | null,"stripe_account_id"?: string | null,"tax_enabled"?: boolean,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"payment_intents": {
                  Row: {
                    "amount": number,"amount_refunded": number,"application_fee_amount": number,"charge_revision": number,"checkout_session_id": string,"client_secret_digest": string,"created_at": string,"currency": string,"fingerprint": string | null,"id": string,"kind": string,"organization_id": string,"refund_failures": number,"refund_look_at": string | null,"refund_reason": string | null,"refund_status": string | null,"refunded_at": string | null,"refunding_since": string | null,"released_at": string | null,"status": string,"stripe_account_id": string | null,"stripe_charge_id": string | null,"stripe_payment_intent_id": string,"stripe_payment_method_id": string | null,"stripe_refund_id": string | null,"succeeded_at": string | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "amount": number,"amount_refunded"?: number,"application_fee_amount"?: number,"charge_revision"?: number,"checkout_session_id": string,"client_secret_digest": string,"created_at"?: string,"currency": string,"fingerprint"?: string | null,"id"?: string,"kind"?: string,"organization_id": string,"refund_failures"?: number,"refund_look_at"?: string | null,"refund_reason"?: string | null,"refund_status"?: string | null,"refunded_at"?: string | null,"refunding_since"?: string | null,"released_at"?: string | null,"status": string,"stripe_account_id"?: string | null,"stripe_charge_id"?: string | null,"stripe_payment_intent_id": string,"stripe_payment_method_id"?: string | null,"stripe_refund_id"?: string | null,"succeeded_at"?: string | null,"updated_at"?: string
                  }
                  Update: {
                    "amount"?: number,"amount_refunded"?: number,"application_fee_amount"?: number,"charge_revision"?: number,"checkout_session_id"?: string,"client_secret_digest"?: string,"created_at"?: string,"currency"?: string,"fingerprint"?: string | null,"id"?: string,"kind"?: string,"organization_id"?: string,"refund_failures"?: number,"refund_look_at"?: string | null,"refund_reason"?: string | null,"refund_status"?: string | null,"refunded_at"?: string | null,"refunding_since"?: string | null,"released_at"?: string | null,"status"?: string,"stripe_account_id"?: string | null,"stripe_charge_id"?: string | null,"stripe_payment_intent_id"?: string,"stripe_payment_method_id"?: string | null,"stripe_refund_id"?: string | null,"succeeded_at"?: string | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "payment_intents_checkout_session_id_fkey"
      columns: ["checkout_session_id"]
isOneToOne: false
      referencedRelation: "checkout_sessions"
      referencedColumns: ["id"]
    }
                  ]
                },"product_features": {
                  Row: {
                    "feature_id": string,"per_seat": boolean,"position": number,"product_id": string,"quantity": number | null
                  }
                  ComputedFields: never
                  Insert: {
                    "feature_id": string,"per_seat"?: boolean,"position"?: number,"product_id": string,"quantity"?: number | null
                  }
                  Update: {
                    "feature_id"?: string,"per_seat"?: boolean,"position"?: number,"product_id"?: string,"quantity"?: number | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "product_features_feature_id_fkey"
      columns: ["feature_id"]
isOneToOne: false
      referencedRelation: "features"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "product_features_product_id_fkey"
      columns: ["product_id"]
isOneToOne: false
      referencedRelation: "products"
      referencedColumns: ["id"]
    }
                  ]
                },"product_prices": {
                  Row: {
                    "active": boolean,"archived_at": string | null,"created_at": string,"currency": string,"id": string,"key": string | null,"max_quantity": number | null,"metadata": NonNullable<Json>,"min_quantity": number,"on_sale": boolean,"organization_id": string,"product_id": string,"recurring_interval": string,"recurring_interval_count": number,"revision": number,"stripe_active": boolean,"stripe_price_id": string | null,"trial_days": number,"unit_amount": number,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "active"?: boolean,"archived_at"?: string | null,"created_at"?: string,"currency": string,"id"?: string,"key"?: string | null,"max_quantity"?: number | null,"metadata"?: NonNullable<Json>,"min_quantity"?: number,"on_sale"?: never,"organization_id": string,"product_id": string,"recurring_interval": string,"recurring_interval_count"?: number,"revision"?: number,"stripe_active"?: boolean,"stripe_price_id"?: string | null,"trial_days"?: number,"unit_amount": number,"updated_at"?: string
                  }
                  Update: {
                    "active"?: boolean,"archived_at"?: string | null,"created_at"?: string,"currency"?: string,"id"?: string,"key"?: string | null,"max_quantity"?: number | null,"metadata"?: NonNullable<Json>,"min_quantity"?: number,"on_sale"?: never,"organization_id"?: string,"product_id"?: string,"recurring_interval"?: string,"recurring_interval_count"?: number,"revision"?: number,"stripe_active"?: boolean,"stripe_price_id"?: string | null,"trial_days"?: number,"unit_amount"?: number,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "product_prices_product_id_fkey"
      columns: ["product_id","organization_id"]
isOneToOne: false
      referencedRelation: "products"
      referencedColumns: ["id","organization_id"]
    }
                  ]
                },"products": {
                  Row: {
                    "active": boolean,"archived_at": string | null,"created_at": string,"description": string | null,"id": string,"key": string | null,"metadata": NonNullable<Json>,"name": string,"on_sale": boolean,"organization_id": string,"revision": number,"stripe_active": boolean,"stripe_product_id": string | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "active"?: boolean,"archived_at"?: string | null,"created_at"?: string,"description"?: string | null,"id"?: string,"key"?: string | null,"metadata"?: NonNullable<Json>,"name": string,"on_sale"?: never,"organization_id": string,"revision"?: number,"stripe_active"?: boolean,"stripe_product_id"?: string | null,"updated_at"?: string
                  }
                  Update: {
                    "active"?: boolean,"archived_at"?: string | null,"created_at"?: string,"description"?: string | null,"id"?: string,"key"?: string | null,"metadata"?: NonNullable<Json>,"name"?: string,"on_sale"?: never,"organization_id"?: string,"revision"?: number,"stripe_active"?: boolean,"stripe_product_id"?: string | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "products_organization_id_fkey"
      columns: ["organization_id"]
isOneToOne: false
      referencedRelation: "organizations"
      referencedColumns: ["id"]
    }
                  ]
                },"rate_counters": {
                  Row: {
                    "count": number,"name": string,"subject": string,"window_started_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "count": number,"name": string,"subject": string,"window_started_at": string
                  }
                  Update: {
                    "count"?: number,"name"?: string,"subject"?: string,"window_started_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "rate_counters_name_fkey"
      columns: ["name"]
isOneToOne: false
      referencedRelation: "rate_limits"
      referencedColumns: ["name"]
    }
                  ]
                },"rate_limits": {
                  Row: {
                    "max_count": number,"name": string,"window_seconds": number
                  }
                  ComputedFields: never
                  Insert: {
                    "max_count": number,"name": string,"window_seconds": number
                  }
                  Update: {
                    "max_count"?: number,"name"?: string,"window_seconds"?: number
                  }
                  Relationships: [
                    
                  ]
                },"reconcile_runs": {
                  Row: {
                    "finished_at": string,"id": string,"report": NonNullable<Json>
                  }
                  ComputedFields: never
                  Insert: {
                    "finished_at"?: string,"id"?: string,"report": NonNullable<Json>
                  }
                  Update: {
                    "finished_at"?: string,"id"?: string,"report"?: NonNullable<Json>
                  }
                  Relationships: [
                    
                  ]
                },"session_tokens": {
                  Row: {
                    "allowed_operations": (string)[],"api_key_id": string | null,"created_at": string,"expires_at": string,"external_organization_id": string | null,"external_user_id": string,"id": string,"opened_at": string | null,"organization_id": string,"revoked_at": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "allowed_operations": (string)[],"api_key_id"?: string | null,"created_at"?: string,"expires_at": string,"external_organization_id"?: string | null,"external_user_id": string,"id": string,"opened_at"?: string | null,"organization_id": string,"revoked_at"?: string | null
                  }
                  Update: {
                    "allowed_operations"?: (string)[],"api_key_id"?: string | null,"created_at"?: string,"expires_at"?: string,"external_organization_id"?: string | null,"external_user_id"?: string,"id"?: string,"opened_at"?: string | null,"organization_id"?: string,"revoked_at"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "session_tokens_api_key_id_fkey"
      columns: ["api_key_id"]
isOneToOne: false
      referencedRelation: "api_keys"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "session_tokens_organization_id_fkey"
      columns: ["organization_id"]
isOneToOne: false
      referencedRelation: "organizations"
      referencedColumns: ["id"]
    }
                  ]
                },"stripe_accounts": {
                  Row: {
                    "charges_enabled": boolean,"checked_at": string,"created_at": string,"deauthorized_at": string | null,"revision": number,"stripe_account_id": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "charges_enabled": boolean,"checked_at"?: string,"created_at"?: string,"deauthorized_at"?: string | null,"revision"?: number,"stripe_account_id": string,"updated_at"?: string
                  }
                  Update: {
                    "charges_enabled"?: boolean,"checked_at"?: string,"created_at"?: string,"deauthorized_at"?: string | null,"revision"?: number,"stripe_account_id"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"stripe_cursors": {
                  Row: {
                    "checked_at": string,"events_until": string,"intents_until": string,"livemode": boolean,"stripe_account_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "checked_at"?: string,"events_until": string,"intents_until": string,"livemode": boolean,"stripe_account_id": string
                  }
                  Update: {
                    "checked_at"?: string,"events_until"?: string,"intents_until"?: string,"livemode"?: boolean,"stripe_account_id"?: string
                  }
                  Relationships: [
                    
                  ]
                },"subscription_changes": {
                  Row: {
                    "charged": number,"checkout_session_id": string,"claimed_at": string | null,"credited": number,"finished_at": string | null,"from_price_id": string,"prorated_at": string | null,"quantity": number | null,"restarts": boolean | null,"stripe_item_id": string | null,"stripe_price_id": string | null,"subscription_id": string,"trialing": boolean | null
                  }
                  ComputedFields: never
                  Insert: {
                    "charged"?: number,"checkout_session_id": string,"claimed_at"?: string | null,"credited"?: number,"finished_at"?: string | null,"from_price_id": string,"prorated_at"?: string | null,"quantity"?: number | null,"restarts"?: boolean | null,"stripe_item_id"?: string | null,"stripe_price_id"?: string | null,"subscription_id": string,"trialing"?: boolean | null
                  }
                  Update: {
                    "charged"?: number,"checkout_session_id"?: string,"claimed_at"?: string | null,"credited"?: number,"finished_at"?: string | null,"from_price_id"?: string,"prorated_at"?: string | null,"quantity"?: number | null,"restarts"?: boolean | null,"stripe_item_id"?: string | null,"stripe_price_id"?: string | null,"subscription_id"?: string,"trialing"?: boolean | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "subscription_changes_checkout_session_id_fkey"
      columns: ["checkout_session_id"]
isOneToOne: true
      referencedRelation: "checkout_sessions"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "subscription_changes_from_price_id_fkey"
      columns: ["from_price_id"]
isOneToOne: false
      referencedRelation: "product_prices"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "subscription_changes_subscription_id_fkey"
      columns: ["subscription_id"]
isOneToOne: false
      referencedRelation: "subscriptions"
      referencedColumns: ["id"]
    }
                  ]
                },"subscriptions": {
                  Row: {
                    "cancel_at": string | null,"cancel_at_period_end": boolean,"canceled_at": string | null,"checked_at": string | null,"checkout_session_id": string | null,"collection_method": string,"collection_paused": string | null,"collection_resumes_at": string | null,"created_at": string,"current_period_end": string,"current_period_start": string,"customer_id": string,"ended_at": string | null,"id": string,"imported_at": string | null,"livemode": boolean,"made_by_application": boolean,"metadata": NonNullable<Json>,"organization_id": string,"past_due_since": string | null,"payment_intent_id": string | null,"pending_update_expires_at": string | null,"price_id": string,"product_id": string,"quantity": number,"reread_at": string | null,"revision": number,"scheduled": boolean,"started_at": string,"status": string,"stripe_account_id": string | null,"stripe_item_id": string | null,"stripe_price_id": string | null,"stripe_subscription_id": string | null,"trial_end": string | null,"trial_will_end_at": string | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "cancel_at"?: string | null,"cancel_at_period_end"?: boolean,"canceled_at"?: string | null,"checked_at"?: string | null,"checkout_session_id"?: string | null,"collection_method"?: string,"collection_paused"?: string | null,"collection_resumes_at"?: string | null,"created_at"?: string,"current_period_end": string,"current_period_start": string,"customer_id": string,"ended_at"?: string | null,"id"?: string,"imported_at"?: string | null,"livemode": boolean,"made_by_application"?: boolean,"metadata"?: NonNullable<Json>,"organization_id": string,"past_due_since"?: string | null,"payment_intent_id"?: string | null,"pending_update_expires_at"?: string | null,"price_id": string,"product_id": string,"quantity"?: number,"reread_at"?: string | null,"revision"?: number,"scheduled"?: boolean,"started_at"?: string,"status": string,"stripe_account_id"?: string | null,"stripe_item_id"?: string | null,"stripe_price_id"?: string | null,"stripe_subscription_id"?: string | null,"trial_end"?: string | null,"trial_will_end_at"?: string | null,"updated_at"?: string
                  }
                  Update: {
                    "cancel_at"?: string | null,"cancel_at_period_end"?: boolean,"canceled_at"?: string | null,"checked_at"?: string | null,"checkout_session_id"?: string | null,"collection_method"?: string,"collection_paused"?: string | null,"collection_resumes_at"?: string | null,"created_at"?: string,"current_period_end"?: string,"current_period_start"?: string,"customer_id"?: string,"ended_at"?: string | null,"id"?: string,"imported_at"?: string | null,"livemode"?: boolean,"made_by_application"?: boolean,"metadata"?: NonNullable<Json>,"organization_id"?: string,"past_due_since"?: string | null,"payment_intent_id"?: string | null,"pending_update_expires_at"?: string | null,"price_id"?: string,"product_id"?: string,"quantity"?: number,"reread_at"?: string | null,"revision"?: number,"scheduled"?: boolean,"started_at"?: string,"status"?: string,"stripe_account_id"?: string | null,"stripe_item_id"?: string | null,"stripe_price_id"?: string | null,"stripe_subscription_id"?: string | null,"trial_end"?: string | null,"trial_will_end_at"?: string | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "subscriptions_checkout_session_id_fkey"
      columns: ["checkout_session_id"]
isOneToOne: true
      referencedRelation: "checkout_sessions"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "subscriptions_customer_id_fkey"
      columns: ["customer_id"]
isOneToOne: false
      referencedRelation: "customers"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "subscriptions_organization_id_fkey"
      columns: ["organization_id"]
isOneToOne: false
      referencedRelation: "organizations"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "subscriptions_payment_intent_id_fkey"
      columns: ["payment_intent_id"]
isOneToOne: false
      referencedRelation: "payment_intents"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "subscriptions_price_id_fkey"
      columns: ["price_id"]
isOneToOne: false
      referencedRelation: "product_prices"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "subscriptions_product_id_fkey"
      columns: ["product_id"]
isOneToOne: false
      referencedRelation: "products"
      referencedColumns: ["id"]
    }
                  ]
                },"trials": {
                  Row: {
                    "checkout_session_id": string,"created_at": string,"customer_id": string,"email": string | null,"fingerprint": string | null,"id": string,"product_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "checkout_session_id": string,"created_at"?: string,"customer_id": string,"email"?: string | null,"fingerprint"?: string | null,"id"?: string,"product_id": string
                  }
                  Update: {
                    "checkout_session_id"?: string,"created_at"?: string,"customer_id"?: string,"email"?: string | null,"fingerprint"?: string | null,"id"?: string,"product_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "trials_checkout_session_id_fkey"
      columns: ["checkout_session_id"]
isOneToOne: true
      referencedRelation: "checkout_sessions"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "trials_customer_id_fkey"
      columns: ["customer_id"]
isOneToOne: false
      referencedRelation: "customers"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "trials_product_id_fkey"
      columns: ["product_id"]
isOneToOne: false
      referencedRelation: "products"
      referencedColumns: ["id"]
    }
                  ]
                },"uploaded_functions": {
                  Row: {
                    "digest": string,"platform_updated_at": number,"slug": string,"version": number
                  }
                  ComputedFields: never
                  Insert: {
                    "digest": string,"platform_updated_at": number,"slug": string,"version": number
                  }
                  Update: {
                    "digest"?: string,"platform_updated_at"?: number,"slug"?: string,"version"?: number
                  }
                  Relationships: [
                    
                  ]
                },"webhook_events": {
                  Row: {
                    "attempts": number,"id": string,"last_error": string | null,"leased_until": string | null,"livemode": boolean,"next_attempt_at": string,"organization_ids": (string)[],"outcome": string | null,"payload": NonNullable<Json>,"processed_at": string | null,"received_at": string,"status": string,"stripe_account_id": string | null,"stripe_event_id": string,"type": string
                  }
                  ComputedFields: never
                  Insert: {
                    "attempts"?: number,"id"?: string,"last_error"?: string | null,"leased_until"?: string | null,"livemode": boolean,"next_attempt_at"?: string,"organization_ids"?: (string)[],"outcome"?: string | null,"payload": NonNullable<Json>,"processed_at"?: string | null,"received_at"?: string,"status"?: string,"stripe_account_id"?: string | null,"stripe_event_id": string,"type": string
                  }
                  Update: {
                    "attempts"?: number,"id"?: string,"last_error"?: string | null,"leased_until"?: string | null,"livemode"?: boolean,"next_attempt_at"?: string,"organization_ids"?: (string)[],"outcome"?: string | null,"payload"?: NonNullable<Json>,"processed_at"?: string | null,"received_at"?: string,"status"?: string,"stripe_account_id"?: string | null,"stripe_event_id"?: string,"type"?: string
                  }
                  Relationships: [
                    
                  ]
                }
          }
          Views: {
            "checkout_funnel": {
                  Row: {
                    "attempted": number | null,"canceled": number | null,"checkout_mode": string,"day": string | null,"expired": number | null,"failed": number | null,"livemode": boolean,"opened": number | null,"organization_id": string,"paid_back": number | null,"succeeded": number | null,"unfinished": number | null
                  }
                  ComputedFields: never
                  Relationships: [
                    {
      foreignKeyName: "checkout_sessions_organization_id_fkey"
      columns: ["organization_id"]
isOneToOne: false
      referencedRelation: "organizations"
      referencedColumns: ["id"]
    }
                  ]
                },"decline_codes": {
                  Row: {
                    "attempts": number | null,"code": string | null,"day": string | null,"livemode": boolean,"organization_id": string,"sessions": number | null
                  }
                  ComputedFields: never
                  Relationships: [
                    
                  ]
                },"inbox_lag": {
                  Row: {
                    "day": string | null,"dead": number | null,"lag_p50": number | null,"lag_p95": number | null,"livemode": boolean,"processed": number | null,"received": number | null,"retried": number | null,"type": string,"waiting": number | null
                  }
                  ComputedFields: never
                  Relationships: [
                    
                  ]
                },"reconcile_repairs": {
                  Row: {
                    "day": string | null,"events_worked": number | null,"failed": number | null,"grants_expired": number | null,"missed_events_worked": number | null,"runs": number | null,"sessions_settled": number | null,"stray_intents_canceled": number | null,"subscriptions_changed": number | null
                  }
                  ComputedFields: never
                  Relationships: [
                    
                  ]
                },"refunds_owed": {
                  Row: {
                    "amount": number,"checkout_session_id": string,"currency": string,"livemode": boolean,"organization_id": string,"refund_failures": number,"refund_reason": string | null,"refund_status": string | null,"refunding_since": string | null,"stripe_payment_intent_id": string
                  }
                  ComputedFields: never
                  Relationships: [
                    {
      foreignKeyName: "payment_intents_checkout_session_id_fkey"
      columns: ["checkout_session_id"]
isOneToOne: false
      referencedRelation: "checkout_sessions"
      referencedColumns: ["id"]
    }
                  ]
                },"time_to_active": {
                  Row: {
                    "checkout_mode": string,"day": string | null,"livemode": boolean,"opened_to_active_p50": number | null,"organization_id": string,"paid_to_active_p50": number | null,"paid_to_active_p95": number | null,"succeeded": number | null
                  }
                  ComputedFields: never
                  Relationships: [
                    {
      foreignKeyName: "checkout_sessions_organization_id_fkey"
      columns: ["organization_id"]
isOneToOne: false
      referencedRelation: "organizations"
      referencedColumns: ["id"]
    }
                  ]
                }
          }
          Functions: {
            "advance_account":
{ Args: { "p_events_until"?: number,"p_intents_until"?: number,"p_livemode": boolean,"p_stripe_account_id": string }; Returns: undefined
                           },
"attach_payment_intent":
{ Args: { "p_amount"?: number,"p_client_secret_digest": string,"p_session_id": string,"p_status": string,"p_stripe_payment_intent_id": string }; Returns: Json
                           },
"begin_attempt":
{ Args: { "p_address_digest"?: string,"p_intent_status": string,"p_session_id": string,"p_stripe_payment_method_id": string }; Returns: Json
                           },
"begin_checkout":
{ Args: { "p_address_digest"?: string,"p_cancel_url"?: string,"p_coupon_code"?: string,"p_customer_address"?: Json,"p_customer_email"?: string,"p_customer_name"?: string,"p_customer_tax_id"?: Json,"p_existing_subscription_id"?: string,"p_idempotency_key"?: string,"p_lifetime_seconds": number,"p_livemode"?: boolean,"p_metadata"?: Json,"p_price_id": string,"p_quantity"?: number,"p_request_hash": string,"p_success_url"?: string,"p_token_id": string,"p_trace_id"?: string,"p_user_id"?: string }; Returns: Json
                           },
"begin_confirm":
{ Args: { "p_address_digest"?: string,"p_client_secret_digest": string,"p_stripe_payment_intent_id": string,"p_stripe_payment_method_id": string }; Returns: Json
                           },
"begin_ending":
{ Args: { "p_ending": boolean,"p_livemode"?: boolean,"p_subscription_id": string,"p_token_id": string,"p_user_id"?: string }; Returns: Json
                           },
"cancel_free_subscription":
{ Args: { "p_subscription_id": string }; Returns: boolean
                           },
"cancel_session":
{ Args: { "p_livemode"?: boolean,"p_session_id": string,"p_token_id": string,"p_user_id"?: string }; Returns: Json
                           },
"claim_account":
{ Args: { "p_interval_seconds": number,"p_livemode": boolean }; Returns: Json
                           },
"claim_events":
{ Args: { "p_lease_seconds": number,"p_limit": number }; Returns: Json
                           },
"claim_session":
{ Args: { "p_session_id": string }; Returns: boolean
                           },
"claim_sessions":
{ Args: { "p_limit": number }; Returns: Json
                           },
"claim_subscriptions":
{ Args: { "p_limit": number,"p_livemode": boolean,"p_stripe_account_id": string }; Returns: Json
                           },
"claim_unavailable_accounts":
{ Args: { "p_interval_seconds": number,"p_limit": number,"p_livemode": boolean }; Returns: Json
                           },
"complete_checkout":
{ Args: { "p_event_id"?: string,"p_session_id": string,"p_subscription": Json }; Returns: Json
                           },
"complete_free_checkout":
{ Args: { "p_livemode"?: boolean,"p_session_id": string,"p_token_id": string,"p_user_id"?: string }; Returns: Json
                           },
"dead_events":
{ Args: { "p_organization_id": string }; Returns: {
              "attempts": number,"last_error": string,"next_attempt_at": string,"received_at": string,"stripe_event_id": string,"type": string
            }[]
                           },
"dispute_revision":
{ Args: { "p_stripe_dispute_id": string }; Returns: number
                           },
"erase_customer":
{ Args: { "p_external_id": string,"p_organization_id": string }; Returns: Json
                           },
"expire_bare_session":
{ Args: { "p_session_id": string }; Returns: undefined
                           },
"expire_grants":
{ Args: { "p_limit": number }; Returns: number
                           },
"expire_unreachable_session":
{ Args: { "p_session_id": string }; Returns: boolean
                           },
"export_customer":
{ Args: { "p_external_id": string,"p_organization_id": string }; Returns: Json
                           },
"fail_change":
{ Args: { "p_session_id": string }; Returns: Json
                           },
"fail_event":
{ Args: { "p_error": string,"p_event_id": string,"p_max_attempts": number }; Returns: undefined
                           },
"feature_limit":
{ Args: { "p_feature_key": string }; Returns: number
                           },
"finish_event":
{ Args: { "p_event_id": string,"p_outcome": string }; Returns: undefined
                           },
"forget_stripe_customer":
{ Args: { "p_stripe_customer_id": string }; Returns: undefined
                           },
"has_feature":
{ Args: { "p_feature_key": string }; Returns: boolean
                           },
"health":
{ Args: { "p_digest_key_check": string }; Returns: Json
                           },
"invoice_status":
{ Args: { "p_stripe_invoice_id": string }; Returns: string
                           },
"issue_session_token":
{ Args: { "p_allowed_operations": (string)[],"p_external_organization_id"?: string,"p_external_user_id": string,"p_key_digest": string,"p_lifetime_seconds": number,"p_livemode": boolean,"p_token_id": string }; Returns: Json
                           },
"locate_account":
{ Args: { "p_stripe_account_id": string }; Returns: number
                           },
"locate_checkout":
{ Args: { "p_session_id"?: string,"p_stripe_payment_intent_id"?: string }; Returns: Json
                           },
"locate_invoice":
{ Args: { "p_stripe_invoice_id": string,"p_stripe_subscription_id"?: string }; Returns: Json
                           },
"locate_offer":
{ Args: { "p_stripe_account_id"?: string,"p_stripe_id": string }; Returns: number
                           },
"locate_payment":
{ Args: { "p_stripe_account_id"?: string,"p_stripe_payment_intent_id": string }; Returns: Json
                           },
"locate_subscription":
{ Args: { "p_stripe_subscription_id": string }; Returns: Json
                           },
"note_subscription_news":
{ Args: { "p_event_id"?: string,"p_session_id": string }; Returns: boolean
                           },
"open_portal":
{ Args: { "p_livemode"?: boolean,"p_token_id": string,"p_user_id"?: string }; Returns: Json
                           },
"postpone_account":
{ Args: { "p_livemode": boolean,"p_seconds": number,"p_stripe_account_id": string }; Returns: undefined
                           },
"prune":
{ Args: { "p_days": number,"p_limit": number }; Returns: Json
                           },
"read_checkout":
{ Args: { "p_limited"?: boolean,"p_livemode"?: boolean,"p_session_id": string,"p_token_id"?: string,"p_user_id"?: string }; Returns: Json
                           },
"read_entitlements":
{ Args: { "p_feature_key"?: string,"p_livemode"?: boolean,"p_token_id": string,"p_user_id"?: string }; Returns: Json
                           },
"read_own_subscription":
{ Args: { "p_livemode"?: boolean,"p_subscription_id": string,"p_token_id": string,"p_user_id"?: string }; Returns: Json
                           },
"read_products":
{ Args: { "p_livemode"?: boolean,"p_product_ids"?: (string)[],"p_token_id": string,"p_user_id"?: string }; Returns: Json
                           },
"read_subscriptions":
{ Args: { "p_livemode"?: boolean,"p_preview": boolean,"p_token_id": string,"p_user_id"?: string }; Returns: Json
                           },
"receive_event":
{ Args: { "p_command"?: string,"p_lease_seconds": number,"p_livemode": boolean,"p_payload": Json,"p_stripe_account_id"?: string,"p_stripe_event_id": string,"p_type": string }; Returns: Json
                           },
"receive_events":
{ Args: { "p_events": Json,"p_lease_seconds": number }; Returns: Json
                           },
"record_account":
{ Args: { "p_authorized": boolean,"p_charges_enabled": boolean,"p_event_id"?: string,"p_seen_revision": number,"p_stripe_account_id": string }; Returns: Json
                           },
"record_charge":
{ Args: { "p_amount_refunded": number,"p_event_id"?: string,"p_seen_revision": number,"p_stripe_payment_intent_id": string }; Returns: Json
                           },
"record_customer_told":
{ Args: { "p_customer_id": string,"p_told": Json }; Returns: Json
                           },
"record_dispute":
{ Args: { "p_dispute": Json,"p_event_id"?: string,"p_seen_revision": number,"p_stripe_account_id"?: string }; Returns: Json
                           },
"record_intent":
{ Args: { "p_attempt_number"?: number,"p_event_id"?: string,"p_gives_way"?: boolean,"p_intent": Json,"p_seen_revision": number,"p_session_id": string }; Returns: Json
                           },
"record_invoice":
{ Args: { "p_event_id"?: string,"p_invoice": Json,"p_seen_revision": number,"p_seen_subscription_revision"?: number,"p_stripe_account_id"?: string,"p_subscription"?: Json }; Returns: Json
                           },
"record_preview":
{ Args: { "p_preview": Json,"p_session_id": string }; Returns: Json
                           },
"record_price":
{ Args: { "p_active": boolean,"p_event_id"?: string,"p_seen_revision": number,"p_stripe_account_id"?: string,"p_stripe_price_id": string }; Returns: Json
                           },
"record_product":
{ Args: { "p_event_id"?: string,"p_product": Json,"p_seen_revision": number,"p_stripe_account_id"?: string }; Returns: Json
                           },
"record_reconcile_run":
{ Args: { "p_report": Json }; Returns: undefined
                           },
"record_refund":
{ Args: { "p_event_id"?: string,"p_failures": number,"p_session_id": string,"p_status"?: string,"p_stripe_refund_id"?: string }; Returns: Json
                           },
"record_release":
{ Args: { "p_event_id"?: string,"p_session_id": string }; Returns: Json
                           },
"record_stripe_customer":
{ Args: { "p_customer_id": string,"p_replaces"?: boolean,"p_stripe_account_id"?: string,"p_stripe_customer_id": string }; Returns: string
                           },
"record_subscription":
{ Args: { "p_event_id"?: string,"p_seen_revision": number,"p_subscription": Json }; Returns: Json
                           },
"refuse_fulfillment":
{ Args: { "p_reason"?: string,"p_session_id": string }; Returns: boolean
                           },
"renew_free_subscriptions":
{ Args: { "p_limit": number }; Returns: number
                           },
"replay_dead_event":
{ Args: { "p_stripe_event_id": string }; Returns: boolean
                           },
"replay_event":
{ Args: { "p_stripe_event_id": string }; Returns: boolean
                           },
"rest_subscription":
{ Args: { "p_stripe_subscription_id": string }; Returns: undefined
                           },
"resume_change":
{ Args: { "p_session_id": string }; Returns: Json
                           },
"revoke_session_token":
{ Args: { "p_key_digest": string,"p_livemode": boolean,"p_token_id": string }; Returns: Json
                           },
"session_facts":
{ Args: { "p_session_id": string }; Returns: Json
                           },
"unknown_intents":
{ Args: { "p_organization_ids": (string)[],"p_stripe_payment_intent_ids": (string)[] }; Returns: Json
                           }
          }
          Enums: {
            [_ in never]: never
          }
          CompositeTypes: {
            [_ in never]: never
          }
        }
}

type DatabaseWithoutInternals = Omit<Database, '__InternalSupabase'>

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "billing">]

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
  ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R
    }
    ? R
    : never
  : never

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
  ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I
    }
    ? I
    : never
  : never

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
  ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U
    }
    ? U
    : never
  : never

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
  ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
  ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never

export const Constants = {
  "billing": {
          Enums: {
            
          }
        }
} as const
