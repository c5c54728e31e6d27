import { rowsOf, supabase } from "../supabase.ts";
import { SHOWN } from "./sessions.ts";

/** Payments that are to go back and have not, the longest waiting first. */
export const readRefunds = (organizationId: string) =>
  rowsOf(
    supabase.from("refunds_owed")
      .select(
        "checkout_session_id, stripe_payment_intent_id, amount, currency, refund_reason, refund_status, refund_failures, refunding_since",
      )
      .eq("organization_id", organizationId)
      .order("refunding_since").limit(SHOWN),
  );

/** The guard against card testers, where it was raised. */
export const readGuards = (organizationId: string) =>
  rowsOf(
    supabase.from("organization_guards").select("organization_id, declines, raised_at, until")
      .eq("organization_id", organizationId).limit(1),
  );
