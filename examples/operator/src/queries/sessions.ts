import { rowsOf, supabase } from "../supabase.ts";

/** Rows of one screen; of sessions that have ended, those of the last days. */
export const SHOWN = 50;
export const DAYS = 14;

const LIVE = ["open", "requires_action", "processing"];
const ENDED = ["succeeded", "failed", "expired", "canceled"];
export const FILTERS = ["live", ...LIVE, ...ENDED] as const;

/** The newest sessions of a status, or all that are live. */
export function readSessions(organizationId: string, filter: string) {
  const statuses = filter === "live" ? LIVE : [filter];
  const asked = supabase.from("checkout_sessions")
    .select(
      "id, status, checkout_mode, total_amount, currency, error_code, created_at, expires_at, fulfilling_since",
    )
    .eq("organization_id", organizationId)
    .in("status", statuses);
  const bounded = ENDED.includes(filter)
    ? asked.gte("created_at", new Date(Date.now() - DAYS * 86_400_000).toISOString())
    : asked;
  return rowsOf(bounded.order("created_at", { ascending: false }).limit(SHOWN));
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The session of its own id or of its intent's at Stripe; undefined where there is none that the user may see. */
export async function findSession(name: string): Promise<string | undefined> {
  if (UUID.test(name)) {
    const [found] = await rowsOf(
      supabase.from("checkout_sessions").select("id").eq("id", name).limit(1),
    );
    return found?.id;
  }
  if (!/^(pi|seti)_/.test(name)) return undefined;
  const [found] = await rowsOf(
    supabase.from("payment_intents").select("checkout_session_id")
      .eq("stripe_payment_intent_id", name).limit(1),
  );
  return found?.checkout_session_id;
}
