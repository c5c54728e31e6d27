import { NOBODY } from "../core/actor.ts";
import { newId } from "../core/ids.ts";
import { setCancellation } from "../operations/cancellations.ts";
import type { Context } from "../operations/context.ts";
import { changeSubscription } from "../operations/lifecycle.ts";
import type { Subscription } from "../store/types.ts";
import type { World } from "../world.ts";
import { type Command, found, numberOf } from "./read.ts";

const ownerOf = (world: World, id: string) =>
  found(world.accounts().find((one) => one.subscriptions.find(id) !== undefined), id);

type Change = (context: Context, subscription: Subscription) => void;

/** Changes the subscription of that id, on whichever account has it, as nobody's request. */
function changed(world: World, id: string, change: Change): Subscription {
  const account = ownerOf(world, id);
  const context = { world, account, actor: NOBODY };
  const subscription = account.subscriptions.get(id);
  changeSubscription(context, subscription, () => change(context, subscription));
  return subscription;
}

/** What Stripe's portal does at "cancel at the period's end": a flag in classic billing mode, a date in the flexible one. */
const cancelInPortal: Change = (context, subscription) =>
  subscription.billing_mode.type === "flexible"
    ? setCancellation(context, subscription, undefined, "max_period_end")
    : setCancellation(context, subscription, true, undefined);

/** And at "renew": neither flag nor date is left. */
const renewInPortal: Change = (context, subscription) =>
  setCancellation(context, subscription, false, null);

const schedule: Change = (_context, subscription) => {
  subscription.schedule = newId("sub_sched");
};
const release: Change = (_context, subscription) => {
  subscription.schedule = null;
};

const holdUpdate = (seconds: number): Change => ({ world }, subscription) => {
  subscription.pending_update = {
    billing_cycle_anchor: null,
    cancel_at_period_end: null,
    discount: null,
    discounts: null,
    expires_at: world.clock.now() + seconds,
    metadata: null,
    subscription_items: null,
    trial_end: null,
    trial_from_plan: null,
  };
};

/** A pending update that nobody has paid for is dropped, and no other event than its own tells so. */
function dropUpdate(world: World, id: string): Subscription {
  const account = ownerOf(world, id);
  const subscription = account.subscriptions.get(id);
  subscription.pending_update = null;
  world.emit(account, "customer.subscription.pending_update_expired", subscription, NOBODY);
  return subscription;
}

/** What portal, dashboard and merchants do to a subscription beside the calls that are served. */
export const SUBSCRIPTION_COMMANDS: readonly [string, string, Command][] = [
  [
    "POST",
    "/subscriptions/:id/portal-cancel",
    (world, _body, _query, id) => changed(world, id, cancelInPortal),
  ],
  [
    "POST",
    "/subscriptions/:id/portal-renew",
    (world, _body, _query, id) => changed(world, id, renewInPortal),
  ],
  [
    "POST",
    "/subscriptions/:id/schedule",
    (world, _body, _query, id) => changed(world, id, schedule),
  ],
  ["POST", "/subscriptions/:id/release", (world, _body, _query, id) => changed(world, id, release)],
  [
    "POST",
    "/subscriptions/:id/hold-update",
    (world, body, _query, id) => changed(world, id, holdUpdate(numberOf(body, "seconds"))),
  ],
  [
    "POST",
    "/subscriptions/:id/drop-update",
    (world, _body, _query, id) => dropUpdate(world, id),
  ],
];
