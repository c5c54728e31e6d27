import { delay } from "deno-std/async/delay.js";
import { syncAccount } from "./account.ts";
import { checkSubscription } from "./billing.ts";
import type { ReconcileResponse } from "../contract/reconcile.ts";
import type { ClaimedAccount } from "../database/repairs.ts";
import { handledEventTypes } from "../domain/event-command.ts";
import { SESSION_LIFETIME } from "../domain/session-status.ts";
import { guarded, type ReconcilePorts } from "./reconcile-stage.ts";
import { spanBySpan } from "../stripe/backlog.ts";
import { AccountGone } from "../stripe/errors.ts";
import { store, workClaimed } from "./inbox.ts";

const ACCOUNTS_PER_RUN = 10;
/** Milliseconds at a time for each of an account's lists, so that one that is back after months does not starve the rest. */
const TURN = 4_000;
/** Events of one account after which it is kept how far it came. */
const BATCH = 10;
/** Seconds between two readings of one account. */
const ACCOUNT_INTERVAL = 50;
/** The same where the merchant took the account away: it may be connected again. */
const GONE_ACCOUNT_INTERVAL = 3_600;
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

/** Each step is small, and what it did is kept when it ends: it says how many things it took up. */
type Steps = AsyncGenerator<number>;

/** One thing that is read of an account. */
interface Reading {
  readonly counts: { failed: number };
  readonly steps: Steps;
}

/**
 * What lies at Stripe, account by account. What a run has no time for stays due.
 *
 * @param until by `performance.now()`, when nothing new is begun
 * @param most things of all readings together
 */
export async function readAccounts(
  ports: ReconcilePorts,
  { until, most }: { readonly until: number; readonly most: number },
): Promise<Counts> {
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
      await guarded(ports, missedEvents, (own) => syncAccount(own, account));
    }
  });
  let taken = 0;
  const isOver = (at = until) => performance.now() >= at || taken >= most;
  // At least one step: however long each takes, none is kept from coming to its end.
  const turnOf = ({ counts, steps }: Reading) =>
    guarded(ports, counts, async () => {
      const over = Math.min(until, performance.now() + TURN);
      do {
        const step = await steps.next();
        if (step.done === true) return "done";
        taken += step.value;
      } while (!isOver(over));
      return "more";
    });
  await guarded(ports, missedEvents, async () => {
    const unfinished: Reading[] = [];
    for (let read = 0; read < ACCOUNTS_PER_RUN && !isOver(); read += 1) {
      const account = await repairs.claimAccount(ACCOUNT_INTERVAL, livemode);
      if (account === null) break;
      const readings = [
        { counts: missedEvents, steps: takeInMissed(ports, account, missedEvents) },
        { counts: strayIntents, steps: cancelStrays(ports, account, strayIntents) },
        { counts: subscriptions, steps: checkSubscriptions(ports, account, subscriptions) },
      ];
      for (const reading of readings) {
        const came = await turnOf(reading);
        if (came === "more") unfinished.push(reading);
        if (!(came instanceof AccountGone)) continue;
        await repairs.postponeAccount(account.stripeAccountId, livemode, GONE_ACCOUNT_INTERVAL);
        break;
      }
    }
    // Whatever is left of the run is theirs, turn by turn.
    for (const reading of unfinished) {
      if (isOver()) return;
      if (await turnOf(reading) === "more") unfinished.push(reading);
    }
  });
  return { missedEvents, strayIntents, subscriptions };
}

/** Goes on from the cursor, and keeps how far all is stored. */
async function* takeInMissed(
  ports: ReconcilePorts,
  { stripeAccountId, eventsUntil }: ClaimedAccount,
  counts: Counts["missedEvents"],
): Steps {
  const { stripe, repairs, livemode, now } = ports;
  const types = [...handledEventTypes];
  const spans = spanBySpan(
    { from: eventsUntil, to: now() },
    (span) => stripe.backlog.undelivered(stripeAccountId, span, types),
  );
  for await (const { found, to } of spans) {
    for (let start = 0; start < found.length || start === 0; start += BATCH) {
      // Together, since most ask for nothing. What a run has no time to work comes again when its lease is over.
      const stored = await Promise.all(
        found.slice(start, start + BATCH).map(async (listed) => {
          // Listed on the account's own behalf, an event does not name the account.
          const event = stripeAccountId === null ? listed : { ...listed, account: stripeAccountId };
          const { outcome, eventId } = await store(ports, event);
          return { event, outcome, eventId };
        }),
      );
      // One after the other: those of one checkout lie beside each other, and are about the same rows.
      for (const { event, outcome, eventId } of stored) {
        if (outcome === "claimed") {
          // What fails is stored, and comes again by itself.
          await guarded(ports, counts, async (own) => {
            await workClaimed(own, event, eventId);
            counts.worked += 1;
          });
        }
        yield 1;
      }
      const events = found[start + BATCH]?.created ?? to;
      await repairs.advanceAccount(stripeAccountId, livemode, { events });
      yield 1;
    }
  }
}

async function* cancelStrays(
  { stripe, repairs, livemode, now }: ReconcilePorts,
  { stripeAccountId, intentsUntil }: ClaimedAccount,
  counts: Counts["strayIntents"],
): Steps {
  const spans = spanBySpan(
    { from: intentsUntil, to: now() - STRAY_AFTER },
    (span) => stripe.backlog.openIntents(stripeAccountId, span),
  );
  for await (const { found, to } of spans) {
    const strays = found.length === 0 ? [] : await repairs.unknownIntents(found);
    for (const id of strays) {
      await stripe.intents.cancel(id, stripeAccountId);
      counts.canceled += 1;
    }
    await repairs.advanceAccount(stripeAccountId, livemode, { intents: to });
    yield 1;
  }
}

/** Reads subscriptions again of which something should have been heard, or nothing has been for long. */
async function* checkSubscriptions(
  ports: ReconcilePorts,
  { stripeAccountId }: ClaimedAccount,
  counts: Counts["subscriptions"],
): Steps {
  const { repairs, livemode, log } = ports;
  for (;;) {
    const second = performance.now() + 1_000;
    const due = await repairs.claimSubscriptions(stripeAccountId, livemode, CHECKS_PER_SECOND);
    await Promise.all(due.map((stripeSubscriptionId) =>
      guarded(ports, counts, async (own) => {
        const found = await checkSubscription(own, stripeSubscriptionId, stripeAccountId);
        counts.read += 1;
        if (found === "missing") {
          // Its features stay: that the key is another platform's would look the same.
          log.error("no such subscription", { stripeSubscriptionId });
          await repairs.restSubscription(stripeSubscriptionId);
        }
        if (found !== "changed") return;
        counts.changed += 1;
        log.warn("subscription had changed unheard", { stripeSubscriptionId });
      })
    ));
    if (due.length < CHECKS_PER_SECOND) return;
    yield due.length;
    await delay(Math.max(0, second - performance.now()));
  }
}
