import { rowsOf, supabase } from "../supabase.ts";

export const readDeadEvents = (organizationId: string) =>
  rowsOf(supabase.rpc("dead_events", { p_organization_id: organizationId }));

/** Whether the event is due again; false where it is not dead any more. */
export const replay = (stripeEventId: string): Promise<boolean> =>
  rowsOf(supabase.rpc("replay_dead_event", { p_stripe_event_id: stripeEventId }));
