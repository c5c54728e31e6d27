import type { Client } from "pg";

/** An event of Stripe's as it is stored, without its payload. */
export interface StoredEvent {
  readonly stripe_event_id: string;
  readonly type: string;
  readonly status: string;
  readonly outcome: string | null;
  readonly attempts: number;
  readonly last_error: string | null;
  readonly received_at: Date;
  readonly next_attempt_at: Date;
}

/** Gives an event to the next run of reconcile again, whatever became of it; false where there is none, or it is being worked on. */
export async function replayEvent(client: Client, stripeEventId: string): Promise<boolean> {
  const { rows: [row] } = await client.query<{ replayed: boolean }>(
    "select billing.replay_event($1) as replayed",
    [stripeEventId],
  );
  return row?.replayed === true;
}

/** One line for a person. */
export const eventLine = (event: StoredEvent): string =>
  [
    event.received_at.toISOString(),
    event.stripe_event_id,
    event.type,
    `${event.attempts} tries`,
    event.last_error ?? event.outcome ?? "",
  ].join("  ");
