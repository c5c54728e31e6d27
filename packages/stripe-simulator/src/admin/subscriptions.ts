import { NOBODY } from "../core/actor.ts";
import { newId } from "../core/ids.ts";
import type { Context } from "../operations/context.ts";
import { changeSubscription } from "../operations/lifecycle.ts";
import { cancelInPortal, renewInPortal } from "../operations/portal.ts";
import type { Subscription } from "../store/types.ts";
import type { World } from "../world.ts";
import { type Body, type Command, found, numberOf, textOf } from "./read.ts";

const ownerOf = (world: World, id: string) =>
  found(world.accounts().find((one) => one.subscriptions.find(id) !== undefined), id);

/** Does what the customer does in the portal, past its page. */
function inPortal(world: World, id: string, act: Change): Subscription {
  const account = ownerOf(world, id);
  const subscription = account.subscriptions.get(id);
  act({ world, account, actor: NOBODY }, subscription);
  return subscription;
}

type Change = (context: Context, subscription: Subscription) => void;

/** Changes the subscription of that id, on whichever account has it, as nobody's request. */
function changed(world: World, id: string, change: Change): Subscription {
  const account = ownerOf(world, id);
  const context = { world, account, actor: NOBODY };
  const subscription = account.subscriptions.get(id);
  changeSubscription(context, subscription, () => change(context, subscription));
  return subscription;
}

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

/** As if the application of that id had made it, or without one the merchant: no event tells so, it was never otherwise. */
function setMaker(world: World, body: Body, id: string): Subscription {
  const subscription = ownerOf(world, id).subscriptions.get(id);
  subscription.application = "application" in body ? textOf(body, "application") : null;
  return subscription;
}

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
    (world, _body, _query, id) => inPortal(world, id, cancelInPortal),
  ],
  [
    "POST",
    "/subscriptions/:id/portal-renew",
    (world, _body, _query, id) => inPortal(world, id, renewInPortal),
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
  ["POST", "/subscriptions/:id/made-by", (world, body, _query, id) => setMaker(world, body, id)],
];
