import { NOBODY } from "../core/actor.ts";
import type { Account } from "../store/account.ts";
import type { World } from "../world.ts";
import type { Context } from "./context.ts";
import { settleDebitOf } from "./debits.ts";
import { answerRefund } from "./refunds.ts";
import { nextForInvoice, nextForSubscription } from "./renewals.ts";
import type { Due } from "./renewals.ts";

interface Scheduled extends Due {
  context: Context;
}

function duesOf(world: World, account: Account): Scheduled[] {
  const context: Context = { world, account, actor: NOBODY };
  const dues: Scheduled[] = [];
  for (const subscription of account.liveSubscriptions) {
    if (subscription.ended_at !== null) account.liveSubscriptions.delete(subscription);
    const due = nextForSubscription(context, subscription);
    if (due !== undefined) dues.push({ ...due, context });
  }
  for (const invoice of account.unpaidInvoices) {
    if (invoice.status !== "draft" && invoice.status !== "open") {
      account.unpaidInvoices.delete(invoice);
    }
    const due = nextForInvoice(invoice);
    if (due !== undefined) dues.push({ ...due, context });
  }
  for (const debit of account.debits.values()) {
    dues.push({
      context,
      at: debit.settlesAt,
      run: () => settleDebitOf(world, account, debit.intentId, debit.failure),
    });
  }
  for (const [id, { answersAt, failure }] of account.refundsAtBank) {
    dues.push({ context, at: answersAt, run: () => answerRefund(world, account, id, failure) });
  }
  return dues;
}

/** Carries out all that falls due up to an instant, in order, each at its own second. */
export function runDue(world: World, until: number): void {
  for (;;) {
    let first: Scheduled | undefined;
    for (const due of world.accounts().flatMap((account) => duesOf(world, account))) {
      if (due.at <= until && (first === undefined || due.at < first.at)) first = due;
    }
    if (first === undefined) break;
    const { at, run, context } = first;
    world.clock.asOf(at, () => run(context));
  }
  world.clock.asOf(until, () => world.keys.prune());
}

/** Moves the clock forward by some seconds, and the world with it. */
export function advance(world: World, seconds: number): void {
  const until = world.clock.now() + seconds;
  runDue(world, until);
  world.clock.moveTo(until);
}
