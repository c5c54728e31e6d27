import { syncAccount } from "./account-sync.ts";
import type { ReconcileResponse } from "./contract/reconcile.ts";
import type { ClaimedAccount, Repairs } from "./database/repairs.ts";
import { handledEventTypes } from "./domain/event-command.ts";
import { causeText } from "./http/error-response.ts";
import { SESSION_LIFETIME } from "./domain/session-status.ts";
import { repairSession } from "./repair.ts";
import { AccountGone } from "./stripe/errors.ts";
import { takeIn, type WebhookWork, workClaimed } from "./webhook-work.ts";

export interface Reconcile extends WebhookWork {
  readonly repairs: Repairs;
  /** Unix seconds. */
  readonly now: () => number;
}

/** How many things one run has in hand at a time. */
const BATCH = 10;
/** Milliseconds after which a run takes up nothing new: what it has in hand must end before the platform ends it. */
const BUDGET = 40_000;
const ACCOUNTS_PER_RUN = 10;
/** Seconds between two readings of one account. */
const ACCOUNT_INTERVAL = 50;
/** The same where the merchant took the account away: it may be connected again. */
const GONE_ACCOUNT_INTERVAL = 3_600;
/** Seconds: an event may be this old before a delivery of it is known to have failed. */
const EVENT_OVERLAP = 900;
/**
 * Seconds after which an intent that no session has taken never will be: a create that died may be tried again as long as
 * its session is open, and gets this very intent from Stripe.
 */
const STRAY_AFTER = SESSION_LIFETIME + 600;
/** Seconds between two looks at an account that could not take payments. */
const UNAVAILABLE_INTERVAL = 3_600;
const RENEW_PER_RUN = 500;
const PRUNE_PER_RUN = 500;
/** Stripe lists events for 30 days; a duplicate cannot come later. */
const KEEP_EVENTS_DAYS = 35;

/**
 * Repairs what webhooks and callers left undone. Any number of runs may go at once, and one that dies leaves its work to
 * the next. One thing's failure is logged and does not hold up the rest.
 */
export async function reconcile(ports: Reconcile): Promise<ReconcileResponse> {
  const { repairs } = ports;
  const until = performance.now() + BUDGET;
  const missedEvents = { worked: 0, failed: 0 };
  const strayIntents = { canceled: 0, failed: 0 };
  const again = await repairs.claimUnavailableAccounts(
    ACCOUNTS_PER_RUN,
    UNAVAILABLE_INTERVAL,
    ports.livemode,
  );
  for (const account of again) {
    await guarded(ports, missedEvents, () => syncAccount(ports, account));
  }
  const accounts = await repairs.claimAccounts(ACCOUNTS_PER_RUN, ACCOUNT_INTERVAL, ports.livemode);
  for (const account of accounts) {
    const failure = await guarded(
      ports,
      missedEvents,
      () => takeInMissed(ports, account, missedEvents),
    );
    if (failure instanceof AccountGone) {
      await repairs.postponeAccount(account.stripeAccountId, GONE_ACCOUNT_INTERVAL);
      continue;
    }
    await guarded(ports, strayIntents, () => cancelStrays(ports, account, strayIntents));
  }

  const events = { worked: 0, failed: 0 };
  await inBatches(
    until,
    () => repairs.claimEvents(BATCH),
    ({ eventId, payload }) =>
      guarded(ports, events, async () => {
        await workClaimed(ports, payload, eventId);
        events.worked += 1;
      }),
  );

  const sessions = { settled: 0, failed: 0 };
  await inBatches(
    until,
    () => repairs.claimSessions(BATCH),
    (sessionId) =>
      guarded(ports, sessions, async () => {
        await repairSession(ports, sessionId);
        sessions.settled += 1;
      }),
  );

  const grants = { expired: 0 };
  let expired = 0;
  do {
    expired = await repairs.expireGrants(BATCH);
    grants.expired += expired;
  } while (expired > 0 && performance.now() < until);

  const freeSubscriptions = { renewed: await repairs.renewFree(RENEW_PER_RUN) };
  const pruned = await repairs.prune(PRUNE_PER_RUN, KEEP_EVENTS_DAYS);
  return { events, sessions, missedEvents, strayIntents, grants, freeSubscriptions, pruned };
}

/** Takes up work until there is none or the time is over. What was claimed is claimed no more in this run. */
async function inBatches<Work>(
  until: number,
  claim: () => Promise<Work[]>,
  run: (work: Work) => Promise<unknown>,
): Promise<void> {
  while (performance.now() < until) {
    const batch = await claim();
    if (batch.length === 0) return;
    await Promise.all(batch.map(run));
  }
}

/** Answers the failure, if there was one. */
async function guarded(
  { log }: Reconcile,
  counts: { failed: number },
  run: () => Promise<unknown>,
): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    counts.failed += 1;
    log.error("left for the next run", { cause: causeText(error) });
    return error;
  }
}

async function takeInMissed(
  ports: Reconcile,
  { stripeAccountId, eventsUntil }: ClaimedAccount,
  counts: { worked: number; failed: number },
): Promise<void> {
  const { stripe, repairs, now } = ports;
  const reading = now();
  const missed = await stripe.backlog.undelivered(stripeAccountId, eventsUntil, [
    ...handledEventTypes,
  ]);
  for (const event of missed) {
    await guarded(ports, counts, async () => {
      // Listed on the account's own behalf, an event does not name the account.
      const named = stripeAccountId === null ? event : { ...event, account: stripeAccountId };
      if (await takeIn(ports, named) === "worked") counts.worked += 1;
    });
  }
  // What failed above is stored by now and comes again by itself.
  await repairs.advanceAccount(stripeAccountId, { events: reading - EVENT_OVERLAP });
}

async function cancelStrays(
  { stripe, repairs, now }: Reconcile,
  { stripeAccountId, intentsUntil }: ClaimedAccount,
  counts: { canceled: number },
): Promise<void> {
  const until = now() - STRAY_AFTER;
  if (until <= intentsUntil) return;
  const open = await stripe.backlog.openIntents(stripeAccountId, intentsUntil, until);
  const strays = open.length === 0 ? [] : await repairs.unknownIntents(open);
  for (const id of strays) {
    await stripe.intents.cancel(id, stripeAccountId);
    counts.canceled += 1;
  }
  await repairs.advanceAccount(stripeAccountId, { intents: until });
}
