import { delay } from "deno-std/async/delay.js";
import { syncAccount } from "./account.ts";
import { checkSubscription } from "./billing.ts";
import type { ReconcileResponse } from "../contract/reconcile.ts";
import type { ClaimedAccount } from "../database/repairs.ts";
import { handledEventTypes } from "../domain/event-command.ts";
import { SESSION_LIFETIME } from "../domain/session-status.ts";
import { guarded, type ReconcilePorts } from "./reconcile-stage.ts";
import { AccountGone } from "../stripe/errors.ts";
import { takeIn } from "./inbox.ts";

const ACCOUNTS_PER_RUN = 10;
/** Milliseconds for each of an account's lists, so that one that is back after months does not starve the rest. */
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
/**
 * Subscriptions of one account that are read in one second, which leaves most to checkouts: Stripe allows 25 calls a second
 * of one endpoint on one account, and as many in all in a sandbox (https://docs.stripe.com/rate-limits).
 */
const CHECKS_PER_SECOND = 10;

type Counts = Pick<ReconcileResponse, "missedEvents" | "strayIntents" | "subscriptions">;

/** What lies at Stripe, account by account. What a run has no time for stays due. */
export async function readAccounts(ports: ReconcilePorts, until: number): Promise<Counts> {
  const { repairs, livemode } = ports;
  const missedEvents = { worked: 0, failed: 0 };
  const strayIntents = { canceled: 0, failed: 0 };
  const subscriptions = { read: 0, changed: 0, failed: 0 };
  await guarded(ports, missedEvents, async () => {
    const again = await repairs.claimUnavailableAccounts(
      ACCOUNTS_PER_RUN,
      UNAVAILABLE_INTERVAL,
      livemode,
    );
    for (const account of again) {
      await guarded(ports, missedEvents, () => syncAccount(ports, account));
    }
  });
  const accountUntil = () => Math.min(until, performance.now() + ACCOUNT_BUDGET);
  await guarded(ports, missedEvents, async () => {
    for (let read = 0; read < ACCOUNTS_PER_RUN && performance.now() < until; read += 1) {
      const [account] = await repairs.claimAccounts(1, ACCOUNT_INTERVAL, livemode);
      if (account === undefined) return;
      const failure = await guarded(
        ports,
        missedEvents,
        () => takeInMissed(ports, account, missedEvents, accountUntil()),
      );
      if (failure instanceof AccountGone) {
        await repairs.postponeAccount(account.stripeAccountId, livemode, GONE_ACCOUNT_INTERVAL);
        continue;
      }
      await guarded(
        ports,
        strayIntents,
        () => cancelStrays(ports, account, strayIntents, accountUntil()),
      );
      await guarded(
        ports,
        subscriptions,
        () => checkSubscriptions(ports, account, subscriptions, accountUntil()),
      );
    }
  });
  return { missedEvents, strayIntents, subscriptions };
}

/** Goes on from the cursor, span by span, and keeps after each how far it came. */
async function takeInMissed(
  ports: ReconcilePorts,
  { stripeAccountId, eventsUntil }: ClaimedAccount,
  counts: { worked: number; failed: number },
  until: number,
): Promise<void> {
  const { stripe, repairs, livemode, now } = ports;
  const reading = now();
  const types = [...handledEventTypes];
  const keep = (seen: number) =>
    repairs.advanceAccount(stripeAccountId, livemode, {
      events: Math.min(seen, reading - EVENT_OVERLAP),
    });
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
  { stripe, repairs, livemode, now }: ReconcilePorts,
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
    await repairs.advanceAccount(stripeAccountId, livemode, { intents: to });
    from = to;
  }
}

/** Reads subscriptions again of which something should have been heard, or nothing has been for long. */
async function checkSubscriptions(
  ports: ReconcilePorts,
  { stripeAccountId }: ClaimedAccount,
  counts: Counts["subscriptions"],
  until: number,
): Promise<void> {
  while (performance.now() < until) {
    const second = performance.now() + 1_000;
    const due = await ports.repairs.claimSubscriptions(stripeAccountId, CHECKS_PER_SECOND);
    await Promise.all(due.map((stripeSubscriptionId) =>
      guarded(ports, counts, async () => {
        const found = await checkSubscription(ports, stripeSubscriptionId, stripeAccountId);
        counts.read += 1;
        if (found === "missing") ports.log.error("no such subscription", { stripeSubscriptionId });
        if (found !== "changed") return;
        counts.changed += 1;
        ports.log.warn("subscription had changed unheard", { stripeSubscriptionId });
      })
    ));
    if (due.length < CHECKS_PER_SECOND) return;
    await delay(Math.max(0, second - performance.now()));
  }
}
