import { invalid, noSuch } from "../core/errors.ts";
import { planOf } from "../entities/catalog.ts";
import type { LineDraft } from "../entities/invoice-line.ts";
import { newItem } from "../entities/subscription.ts";
import type { Price, Subscription, SubscriptionItem } from "../store/types.ts";
import { creditsFor, netOf } from "./billed-time.ts";
import type { Context } from "./context.ts";
import type { Applied } from "./discounts.ts";
import { debitLine, firstItem, fullLine, grossOf, periodOf, rhythmOf } from "./proration.ts";
import { alignedPeriod, nextBoundary } from "./periods.ts";

export interface ItemChange {
  id?: string;
  price?: string;
  quantity?: number;
  deleted?: boolean;
}

export interface ChangePlan {
  items: SubscriptionItem[];
  /** Credits and charges for the rest of the running period. */
  prorations: LineDraft[];
  /** Whole periods that begin at once. */
  periods: LineDraft[];
  /** Discounts that the charges took. */
  used: Set<string>;
  /** A new period begins at once. */
  restarts: boolean;
}

function usable(
  { account }: Context,
  id: string,
  subscription: Subscription,
  param: string,
): Price {
  const price = account.prices.get(id, param);
  if (!price.active) {
    throw invalid("The price specified is inactive. This field only accepts active prices.", {
      param,
    });
  }
  if (price.currency !== subscription.currency) {
    throw invalid(
      `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${subscription.currency}\`.`,
      { param },
    );
  }
  if (price.recurring === null) {
    throw invalid(
      "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
      { param },
    );
  }
  return price;
}

/** A subscription's items after changes, in their old periods. */
function changed(
  context: Context,
  subscription: Subscription,
  changes: readonly ItemChange[],
  within: string,
): SubscriptionItem[] {
  const items = structuredClone(subscription.items.data);
  for (const [index, change] of changes.entries()) {
    const path = within === "" ? `items[${index}]` : `${within}[items][${index}]`;
    const param = `${path}[price]`;
    const known = items.findIndex((item) => item.id === change.id);
    if (change.id !== undefined && known === -1) {
      throw noSuch("subscription item", change.id, `${path}[id]`);
    }
    const before = items[known];
    if (before === undefined) {
      const price = usable(context, change.price ?? "", subscription, param);
      const draft = { price, quantity: change.quantity ?? 1, metadata: {} };
      const period = periodOf(firstItem(subscription));
      items.push(newItem(context.world.clock.now(), subscription.id, draft, period));
    } else if (change.deleted === true) items.splice(known, 1);
    else {
      const price = change.price === undefined
        ? before.price
        : usable(context, change.price, subscription, param);
      items[known] = {
        ...before,
        price: structuredClone(price),
        plan: planOf(price),
        quantity: change.quantity ?? before.quantity ?? 1,
      };
    }
  }
  if (items.length === 0) throw invalid("A subscription must have at least one active plan.");
  if (new Set(items.map((item) => rhythmOf(item.price))).size > 1) {
    throw invalid("This simulator bills all items of a subscription at one interval.", {
      param: "items",
    });
  }
  return items;
}

function isFree(items: readonly SubscriptionItem[]): boolean {
  return items.every((item) => grossOf(item) === 0);
}

/**
 * Whether a new period begins at once. In flexible billing only when that is asked for; in classic
 * billing also with another interval, and with the step from free to paid.
 */
function beginsAnew(
  subscription: Subscription,
  after: readonly SubscriptionItem[],
  anchor: "now" | "unchanged" | undefined,
): boolean {
  if (anchor === "now") return true;
  if (subscription.billing_mode.type === "flexible") return false;
  const before = subscription.items.data;
  const rhythms = new Set([...before, ...after].map((item) => rhythmOf(item.price)));
  if (rhythms.size > 1) return true;
  return anchor !== "unchanged" && isFree(before) && !isFree(after);
}

function checkDate(subscription: Subscription, at: number): void {
  const { start, end } = periodOf(firstItem(subscription));
  if (at >= start && at <= end) return;
  throw invalid(
    "Cannot specify `proration_date` outside of the subscription's current billing period.",
    { param: "proration_date" },
  );
}

/** What a change of items comes to, with the discounts that are to hold for it. */
export function planItemChange(
  context: Context,
  subscription: Subscription,
  changes: readonly ItemChange[],
  options: {
    at?: number;
    discounts: readonly Applied[];
    anchor?: "now" | "unchanged";
    /** The parameter that the changes stand in, where they are not the call's own. */
    within?: string;
  },
): ChangePlan {
  const { account, world } = context;
  const now = world.clock.now();
  const at = options.at ?? now;
  if (options.at !== undefined) checkDate(subscription, at);
  const before = subscription.items.data;
  const items = changed(context, subscription, changes, options.within ?? "");
  const { nets, used } = netOf(items, options.discounts);
  const plan = { items, prorations: [], periods: [], used: new Set<string>(), restarts: false };
  // Nothing is paid for a trial, and its end does not move.
  if (subscription.status === "trialing") return plan;
  const creditOf = (item: SubscriptionItem) => creditsFor(account, subscription, item, at);
  if (beginsAnew(subscription, items, options.anchor)) {
    for (const item of items) {
      item.current_period_start = now;
      item.current_period_end = nextBoundary(now, item.price);
    }
    return {
      ...plan,
      prorations: before.flatMap(creditOf),
      periods: items.map((item) => fullLine(item, periodOf(item))),
      restarts: true,
    };
  }
  const gone = before.filter((item) => items.every((one) => one.id !== item.id));
  const prorations = gone.flatMap(creditOf);
  for (const [index, item] of items.entries()) {
    const old = before.find((one) => one.id === item.id);
    if (old?.price.id === item.price.id && old.quantity === item.quantity) continue;
    if (old !== undefined) prorations.push(...creditOf(old));
    if (rhythmOf(item.price) !== rhythmOf(firstItem(subscription).price)) {
      const period = alignedPeriod(subscription, item.price, now);
      item.current_period_start = period.start;
      item.current_period_end = period.end;
    }
    prorations.push(debitLine(item, at, periodOf(item), nets[index] ?? 0));
  }
  return { ...plan, prorations, used };
}
