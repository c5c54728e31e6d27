import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { Arena } from "./arena.ts";
import { deadlinePasses, leasesEnd, minutePasses, waitsEnd } from "./time.ts";

/** More rounds than any honest repair needs: an event that fails is tried in each of them. */
const MAX_ROUNDS = 30;

/** From which on every payment that is not honored yet is past its deadline: what nobody mends goes back. */
const DEADLINE_ROUND = 10;

/** Milliseconds without any answer: the simulator waits ten seconds for one. */
const PATIENCE = 15_000;

const deliveries = z.array(z.object({
  event: z.string(),
  state: z.string(),
  attempts: z.array(z.object({ status: z.number(), error: z.string().nullable() })),
}));

/** Brings everything to rest: no fault, no delivery under way, reconcile until a run of it changes nothing. */
export async function drain(arena: Arena): Promise<void> {
  // Whoever is at work meets the faults to their end.
  await answered(arena);
  await arena.admin("DELETE", "/faults");
  let before = await stateOf(arena);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    await deliver(arena);
    await leasesEnd(arena);
    await minutePasses(arena);
    await waitsEnd(arena);
    if (round === DEADLINE_ROUND) await deadlinePasses(arena);
    const report = await arena.reconcile();
    const now = await stateOf(arena);
    const failed = report.events.failed + report.sessions.failed + report.missedEvents.failed;
    if (now.unfinished === 0 && failed === 0 && now.state === before.state) return;
    before = now;
  }
  const left = await arena.query(
    `select e.type, e.status, e.attempts, e.last_error from billing.webhook_events e
     where e.status in ('received', 'processing') limit 5`,
  );
  throw new Error(`no rest after ${MAX_ROUNDS} runs of reconcile: ${JSON.stringify(left)}`);
}

/** Lets Stripe deliver what it still has, without its waits between two attempts. Afterwards no webhook is at work. */
export async function deliver(arena: Pick<Arena, "admin">): Promise<void> {
  const pending = (await answered(arena)).filter(({ state }) => state === "pending");
  for (const event of new Set(pending.map((one) => one.event))) {
    await arena.admin("POST", `/events/${event}/resend`);
  }
  // What fails again comes again in the next round.
  await answered(arena);
}

/** How many attempts at a delivery are under way, and how many there have been. */
export async function attempts({ admin }: Pick<Arena, "admin">): Promise<string> {
  const all = deliveries.parse(await admin("GET", "/deliveries")).flatMap((one) => one.attempts);
  return `${all.filter(isUnderWay).length} of ${all.length}`;
}

const isUnderWay = (
  { status, error }: { readonly status: number; readonly error: string | null },
) => status === 0 && error === null;

/** All deliveries, once every attempt has its answer, however many there are. */
export async function answered({ admin }: Pick<Arena, "admin">) {
  let before = -1;
  let until = 0;
  for (let wait = 10;; wait = Math.min(200, wait * 2)) {
    const all = deliveries.parse(await admin("GET", "/deliveries"));
    const made = all.flatMap((one) => one.attempts);
    const open = made.filter(isUnderWay).length;
    if (open === 0) return all;
    if (made.length - open !== before) until = Date.now() + PATIENCE;
    if (Date.now() > until) throw new Error("a webhook had no answer");
    before = made.length - open;
    await sleep(wait);
  }
}

interface State {
  /** Whatever a repair may change, but not when it was last looked at. */
  readonly state: string;
  readonly unfinished: number;
}

async function stateOf({ query }: Arena): Promise<State> {
  const [state] = await query<State>(`
    select
      (select count(*)::int from billing.webhook_events e where e.status in ('received', 'processing')) as unfinished,
      concat_ws(E'\\n',
        (select string_agg(concat_ws(':', s.id, s.status, s.version), ',' order by s.id)
          from billing.checkout_sessions s),
        (select string_agg(concat_ws(':', p.id, p.status, p.stripe_refund_id, p.refund_status, p.released_at), ',' order by p.id)
          from billing.payment_intents p),
        (select string_agg(concat_ws(':', e.id, e.status), ',' order by e.id) from billing.webhook_events e),
        (select string_agg(concat_ws(':', sub.id, sub.revision), ',' order by sub.id) from billing.subscriptions sub),
        (select string_agg(concat_ws(':', c.checkout_session_id, c.claimed_at is null, c.finished_at is null), ','
            order by c.checkout_session_id)
          from billing.subscription_changes c),
        (select string_agg(concat_ws(':', g.id, g.revoked_at, g.expires_at), ',' order by g.id)
          from billing.feature_grants g)) as state`);
  if (state === undefined) throw new Error("no state");
  return state;
}
