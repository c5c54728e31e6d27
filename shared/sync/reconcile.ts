import type { ReconcileResponse } from "../contract/reconcile.ts";
import { readAccounts } from "./reconcile-accounts.ts";
import { guarded, type ReconcilePorts } from "./reconcile-stage.ts";
import { repairSession } from "../checkout/repair.ts";
import { workClaimed } from "./inbox.ts";

/** How many things one run has in hand at a time. */
const BATCH = 10;
/**
 * Milliseconds after which a run takes up nothing new: what it has in hand must end before the platform ends it. Neither
 * events nor sessions have all of it, so that a backlog of the one leaves time for what comes after.
 */
const BUDGET = 40_000;
const EVENTS_BUDGET = 20_000;
const SESSIONS_BUDGET = 30_000;
/**
 * How many things one run takes up, whatever time is left: the platform ends a request that has had two seconds of processor time
 * (https://supabase.com/docs/guides/functions/limits), and each takes two to three milliseconds. Again neither has all of it.
 */
const MOST = 500;
const MOST_EVENTS = 250;
const MOST_EVENTS_AND_SESSIONS = 400;
/** What has had its time costs disk and nothing else: it leaves time for Stripe's lists, and where there is none it waits. */
const PRUNE_BUDGET = 30_000;
const RENEW_PER_RUN = 500;
const PRUNE_BATCH = 500;
/** Stripe lists events for 30 days; a duplicate cannot come later. */
const KEEP_EVENTS_DAYS = 35;

/**
 * Repairs what webhooks and callers left undone. Any number of runs may go at once, and one that dies leaves its work to
 * the next. One thing's failure is logged and does not hold up the rest.
 */
export async function reconcile(ports: ReconcilePorts): Promise<ReconcileResponse> {
  const { repairs } = ports;
  const begun = performance.now();
  const until = begun + BUDGET;
  const events = { worked: 0, failed: 0 };
  await guarded(ports, events, () =>
    inBatches(
      { until: begun + EVENTS_BUDGET, most: MOST_EVENTS },
      () => repairs.claimEvents(BATCH),
      ({ eventId, payload }) =>
        guarded(ports, events, async (own) => {
          await workClaimed(own, payload, eventId);
          events.worked += 1;
        }),
    ));

  const sessions = { settled: 0, failed: 0 };
  const taken = () => events.worked + events.failed + sessions.settled + sessions.failed;
  await guarded(ports, sessions, () =>
    inBatches(
      { until: begun + SESSIONS_BUDGET, most: MOST_EVENTS_AND_SESSIONS - taken() },
      () => repairs.claimSessions(BATCH),
      (sessionId) =>
        guarded(ports, sessions, async (own) => {
          await repairSession(own, sessionId);
          sessions.settled += 1;
        }),
    ));

  // What lies here alone: its failures are in the log, and in no report.
  const local = { failed: 0 };
  const grants = { expired: 0 };
  await guarded(ports, local, async () => {
    let expired = 0;
    do {
      expired = await repairs.expireGrants(BATCH);
      grants.expired += expired;
    } while (expired > 0 && performance.now() < until);
  });
  const freeSubscriptions = { renewed: 0 };
  await guarded(ports, local, async () => {
    freeSubscriptions.renewed = await repairs.renewFree(RENEW_PER_RUN);
  });
  const pruned = { events: 0, tokens: 0 };
  await guarded(ports, local, async () => {
    let more = true;
    do {
      const batch = await repairs.prune(PRUNE_BATCH, KEEP_EVENTS_DAYS);
      pruned.events += batch.events;
      pruned.tokens += batch.tokens;
      ({ more } = batch);
    } while (more && performance.now() < begun + PRUNE_BUDGET);
  });

  // Stripe's lists last: however long they are, what is known to be due was done before.
  const accounts = await readAccounts(ports, { until, most: MOST - taken() });
  const report = { events, sessions, ...accounts, grants, freeSubscriptions, pruned };
  await guarded(ports, local, () => repairs.recordRun(report));
  return report;
}

/** Takes up work until there is none, the time is over or it was enough. What was claimed is due again in seconds, and never at once. */
async function inBatches<Work>(
  { until, most }: { readonly until: number; readonly most: number },
  claim: () => Promise<Work[]>,
  run: (work: Work) => Promise<unknown>,
): Promise<void> {
  for (let left = most; left > 0 && performance.now() < until;) {
    const batch = await claim();
    if (batch.length === 0) return;
    await Promise.all(batch.map(run));
    left -= batch.length;
  }
}
