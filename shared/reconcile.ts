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
/** Milliseconds for each of an account's two lists, so that one that is back after months does not starve the rest. */
const ACCOUNT_BUDGET = 4_000;
/** Seconds of intents that are read before it is kept how far. */
const STRAY_SPAN = 86_400;
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
  const events = { worked: 0, failed: 0 };
  await guarded(ports, events, () =>
    inBatches(
      until,
      () => repairs.claimEvents(BATCH),
      ({ eventId, payload }) =>
        guarded(ports, events, async () => {
          await workClaimed(ports, payload, eventId);
          events.worked += 1;
        }),
    ));

  const sessions = { settled: 0, failed: 0 };
  await guarded(ports, sessions, () =>
    inBatches(
      until,
      () => repairs.claimSessions(BATCH),
      (sessionId) =>
        guarded(ports, sessions, async () => {
          await repairSession(ports, sessionId);
          sessions.settled += 1;
        }),
    ));

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
  let pruned = { events: 0, tokens: 0 };
  await guarded(ports, local, async () => {
    pruned = await repairs.prune(PRUNE_PER_RUN, KEEP_EVENTS_DAYS);
  });

  // Stripe's lists last: however long they are, what is known to be due was done before.
  const missedEvents = { worked: 0, failed: 0 };
  const strayIntents = { canceled: 0, failed: 0 };
  await guarded(ports, missedEvents, async () => {
    const again = await repairs.claimUnavailableAccounts(
      ACCOUNTS_PER_RUN,
      UNAVAILABLE_INTERVAL,
      ports.livemode,
    );
    for (const account of again) {
      await guarded(ports, missedEvents, () => syncAccount(ports, account));
    }
  });
  const accountUntil = () => Math.min(until, performance.now() + ACCOUNT_BUDGET);
  await guarded(ports, missedEvents, async () => {
    // One at a time: what this run has no time for stays due.
    for (let read = 0; read < ACCOUNTS_PER_RUN && performance.now() < until; read += 1) {
      const [account] = await repairs.claimAccounts(1, ACCOUNT_INTERVAL, ports.livemode);
      if (account === undefined) return;
      const failure = await guarded(
        ports,
        missedEvents,
        () => takeInMissed(ports, account, missedEvents, accountUntil()),
      );
      if (failure instanceof AccountGone) {
        await repairs.postponeAccount(account.stripeAccountId, GONE_ACCOUNT_INTERVAL);
        continue;
      }
      await guarded(
        ports,
        strayIntents,
        () => cancelStrays(ports, account, strayIntents, accountUntil()),
      );
    }
  });
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

/** Goes on from the cursor, span by span, and keeps after each how far it came. */
async function takeInMissed(
  ports: Reconcile,
  { stripeAccountId, eventsUntil }: ClaimedAccount,
  counts: { worked: number; failed: number },
  until: number,
): Promise<void> {
  const { stripe, repairs, now } = ports;
  const reading = now();
  const types = [...handledEventTypes];
  const keep = (seen: number) =>
    repairs.advanceAccount(stripeAccountId, { events: Math.min(seen, reading - EVENT_OVERLAP) });
  let from = eventsUntil;
  let to = Math.max(reading, from);
  while (performance.now() < until) {
    const missed = await stripe.backlog.undelivered(stripeAccountId, { from, to }, types);
    if (missed === undefined) {
      to = from + Math.floor((to - from) / 2);
      continue;
    }
    for (const event of missed) {
      if (performance.now() >= until) {
        await keep(event.created);
        return;
      }
      await guarded(ports, counts, async () => {
        // Listed on the account's own behalf, an event does not name the account.
        const named = stripeAccountId === null ? event : { ...event, account: stripeAccountId };
        if (await takeIn(ports, named) === "worked") counts.worked += 1;
      });
    }
    // What failed above is stored by now and comes again by itself.
    await keep(to);
    if (to >= reading) return;
    const span = to - from + 1;
    from = to + 1;
    to = Math.min(reading, to + 2 * span);
  }
}

async function cancelStrays(
  { stripe, repairs, now }: Reconcile,
  { stripeAccountId, intentsUntil }: ClaimedAccount,
  counts: { canceled: number },
  until: number,
): Promise<void> {
  const end = now() - STRAY_AFTER;
  let from = intentsUntil;
  while (from < end && performance.now() < until) {
    const to = Math.min(end, from + STRAY_SPAN);
    const open = await stripe.backlog.openIntents(stripeAccountId, from, to);
    const strays = open.length === 0 ? [] : await repairs.unknownIntents(open);
    for (const id of strays) {
      await stripe.intents.cancel(id, stripeAccountId);
      counts.canceled += 1;
    }
    await repairs.advanceAccount(stripeAccountId, { intents: to });
    from = to;
  }
}
