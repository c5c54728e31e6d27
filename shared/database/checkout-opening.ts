import * as z from "zod/mini";
import type { Address } from "../contract/create.ts";
import type { InvoiceAmounts } from "../domain/invoice-amounts.ts";
import type { TaxId } from "../domain/tax-id.ts";
import { present } from "../runtime/present.ts";
import type { SessionCaller } from "../domain/caller.ts";
import { callerArguments } from "./caller.ts";
import type { Call } from "./client.ts";
import type { ChangePreview } from "../domain/plans.ts";
import { rateLimited } from "./rate-limited.ts";
import { type CreatedSession, createdSession } from "../domain/sessions.ts";

const begun = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.enum(["created", "existing"]), session: createdSession }),
  z.object({
    outcome: z.enum([
      "unauthorized",
      "forbidden",
      "merchant_account_unavailable",
      "price_not_found",
      "price_unavailable",
      "address_required",
      "tax_id_invalid",
      "idempotency_mismatch",
      "already_subscribed",
      "subscription_not_found",
      "subscription_ended",
      "subscription_changed",
      "payment_overdue",
      "change_unavailable",
      "already_on_price",
      "currency_mismatch",
      "change_to_free",
      "change_in_progress",
      "mode_unavailable",
    ]),
  }),
  z.object({
    outcome: z.enum([
      "quantity_not_allowed",
      "amount_too_small",
      "amount_too_large",
      "coupon_not_found",
      "coupon_expired",
      "coupon_not_applicable",
      "coupon_first_time_only",
      "coupon_exhausted",
    ]),
    /** What the caller is told of the reason. */
    details: z.optional(z.record(z.string(), z.unknown())),
  }),
  rateLimited,
]);
/** What `begin_checkout` answers; what each outcome means stands beside the SQL function. */
export type Begun = z.infer<typeof begun>;

const attached = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.enum(["attached", "superseded"]),
    stripePaymentIntentId: z.string(),
  }),
  z.object({ outcome: z.literal("closed") }),
  z.object({ outcome: z.literal("outdated") }),
]);

/** What a session is opened with. */
export interface BeginCheckout {
  readonly caller: SessionCaller;
  /** An id or a key. */
  readonly priceId: string;
  readonly requestHash: string;
  readonly lifetimeSeconds: number;
  readonly idempotencyKey?: string | undefined;
  readonly customerEmail?: string | undefined;
  readonly customerName?: string | undefined;
  readonly metadata: Record<string, string>;
  readonly successUrl?: string | undefined;
  readonly cancelUrl?: string | undefined;
  readonly addressDigest?: string | undefined;
  readonly existingSubscriptionId?: string | undefined;
  readonly customerAddress?: Address | undefined;
  /** Of a kind that is not known where `type` is left out. */
  readonly customerTaxId?: TaxId | Pick<TaxId, "value"> | undefined;
  /** Seats; left out, as many as a free subscription has that is changed, else one. */
  readonly quantity?: number | undefined;
  readonly couponCode?: string | undefined;
  /** 32 lower-case hexadecimal digits. */
  readonly traceId?: string | undefined;
}

/** The calls by which a session begins. */
export interface CheckoutOpening {
  /** Opens a session, or finds the one that was asked for before. */
  begin(input: BeginCheckout): Promise<Begun>;
  /** Freezes what Stripe's preview came to; the first one stands. */
  recordPreview(
    sessionId: string,
    preview: InvoiceAmounts | ChangePreview,
  ): Promise<CreatedSession>;
  /** Makes an intent the session's own, unless another is; `outdated` where it is of another amount. */
  attachIntent(
    sessionId: string,
    intent: { readonly id: string; readonly status: string; readonly amount: number },
    clientSecretDigest: string,
  ): Promise<z.output<typeof attached>>;
}

export const checkoutOpening = (call: Call): CheckoutOpening => ({
  begin: (input) =>
    call("begin_checkout", {
      ...callerArguments(input.caller),
      p_price_id: input.priceId,
      p_request_hash: input.requestHash,
      p_lifetime_seconds: input.lifetimeSeconds,
      p_metadata: input.metadata,
      ...present({
        p_idempotency_key: input.idempotencyKey,
        p_customer_email: input.customerEmail,
        p_customer_name: input.customerName,
        p_success_url: input.successUrl,
        p_cancel_url: input.cancelUrl,
        p_address_digest: input.addressDigest,
        p_existing_subscription_id: input.existingSubscriptionId,
        p_customer_address: input.customerAddress && { ...input.customerAddress },
        p_customer_tax_id: input.customerTaxId && { ...input.customerTaxId },
        p_coupon_code: input.couponCode,
        p_quantity: input.quantity,
        p_trace_id: input.traceId,
      }),
    }, begun),

  recordPreview: (sessionId, preview) =>
    call("record_preview", {
      p_session_id: sessionId,
      p_preview: { ...preview },
    }, createdSession),

  attachIntent: (sessionId, intent, clientSecretDigest) =>
    call("attach_payment_intent", {
      p_session_id: sessionId,
      p_stripe_payment_intent_id: intent.id,
      p_client_secret_digest: clientSecretDigest,
      p_status: intent.status,
      p_amount: intent.amount,
    }, attached),
});
