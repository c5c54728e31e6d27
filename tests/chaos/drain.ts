import * as z from "zod";
import type { Arena } from "./arena.ts";
import { leasesEnd, minutePasses } from "./time.ts";

/** More rounds than any honest repair needs: an event that fails is tried in each of them. */
const MAX_ROUNDS = 30;

const deliveries = z.array(z.object({ event: z.string(), state: z.string() }));

/** Brings everything to rest: no fault, no delivery under way, reconcile until it finds nothing to change. */
export async function drain(arena: Arena): Promise<void> {
  await arena.admin("DELETE", "/faults");
  let before = "";
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    await deliver(arena);
    await leasesEnd(arena);
    await minutePasses(arena);
    const report = await arena.reconcile();
    const [now] = await arena.query<{ state: string; unfinished: number }>(STATE);
    const failed = report.events.failed + report.sessions.failed + report.missedEvents.failed;
    if (now?.unfinished === 0 && failed === 0 && now.state === before) return;
    before = now?.state ?? "";
  }
  const left = await arena.query(
    `select e.type, e.status, e.attempts, e.last_error from public.webhook_events e
     where e.status in ('received', 'processing') limit 5`,
  );
  throw new Error(`no rest after ${MAX_ROUNDS} runs of reconcile: ${JSON.stringify(left)}`);
}

/** Lets Stripe deliver what it still has, without its waits between two attempts. */
export async function deliver({ admin }: Pick<Arena, "admin">): Promise<void> {
  const pending = deliveries.parse(await admin("GET", "/deliveries"))
    .filter(({ state }) => state === "pending");
  for (const event of new Set(pending.map((one) => one.event))) {
    await admin("POST", `/events/${event}/resend`);
  }
  // What fails again comes again in the next round.
  await admin("GET", "/idle?timeout_ms=700");
}

const STATE = `
  select
    coalesce((select string_agg(concat_ws(':', s.id, s.status, s.version), ',' order by s.id)
      from public.checkout_sessions s), '') ||
    coalesce((select string_agg(concat_ws(':', p.id, p.status, p.stripe_refund_id), ',' order by p.id)
      from public.payment_intents p), '') ||
    coalesce((select string_agg(concat_ws(':', e.id, e.status), ',' order by e.id)
      from public.webhook_events e), '') as state,
    (select count(*)::int from public.webhook_events e where e.status in ('received', 'processing')) as unfinished`;
