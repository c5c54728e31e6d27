import { invalid, noSuch } from "../core/errors.ts";
import { planOf } from "../entities/catalog.ts";
import type { LineDraft } from "../entities/invoice.ts";
import { newItem } from "../entities/subscription.ts";
import type { Price, Subscription, SubscriptionItem } from "../store/types.ts";
import type { Context } from "./context.ts";
import { draftInvoice, finalizeInvoice, payerOf, payInvoice } from "./invoices.ts";
import { changeSubscription } from "./lifecycle.ts";
import { changeLines, partialLine, periodOf, rhythmOf } from "./proration.ts";
import { nextBoundary } from "./subscriptions.ts";

export interface ItemChange {
  id?: string;
  price?: string;
  quantity?: number;
  deleted?: boolean;
}

export interface ChangeOptions {
  proration_behavior?: "always_invoice" | "create_prorations" | "none";
  proration_date?: number;
  payment_behavior?: string;
}

interface Changed {
  items: SubscriptionItem[];
  lines: LineDraft[];
  /** The new price has another rhythm, so a new period begins at once. */
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
  return price;
}

/** What a subscription's items come to after changes, and what the rest of the period costs. */
export function planItemChange(
  context: Context,
  subscription: Subscription,
  changes: readonly ItemChange[],
  at: number,
): Changed {
  const items = structuredClone(subscription.items.data);
  const lines: LineDraft[] = [];
  let restarts = false;
  for (const [index, change] of changes.entries()) {
    const param = `items[${index}][price]`;
    const known = items.findIndex((item) => item.id === change.id);
    if (change.id !== undefined && known === -1) {
      throw noSuch("subscription item", change.id, `items[${index}][id]`);
    }
    const before = items[known];
    if (before === undefined) {
      const price = usable(context, change.price ?? "", subscription, param);
      const first = subscription.items.data[0];
      const period = first === undefined ? { start: at, end: at } : periodOf(first);
      const draft = { price, quantity: change.quantity ?? 1, metadata: {} };
      const added = newItem(at, subscription.id, draft, period);
      items.push(added);
      lines.push(partialLine(added, at, period, 1));
      continue;
    }
    if (change.deleted === true) {
      items.splice(known, 1);
      lines.push(partialLine(before, at, periodOf(before), -1));
      continue;
    }
    const price = change.price === undefined
      ? before.price
      : usable(context, change.price, subscription, param);
    const after: SubscriptionItem = {
      ...before,
      price: structuredClone(price),
      plan: planOf(price),
      quantity: change.quantity ?? before.quantity ?? 1,
    };
    if (rhythmOf(before.price) !== rhythmOf(price)) {
      restarts = true;
      after.current_period_start = at;
      after.current_period_end = nextBoundary(at, price);
    }
    items[known] = after;
    if (subscription.status !== "trialing") lines.push(...changeLines(before, after, at));
  }
  if (items.length === 0) throw invalid("A subscription must have at least one active plan.");
  return { items, lines, restarts };
}

/** Changes a subscription's items, and bills or credits the rest of the period as told. */
export function changeItems(
  context: Context,
  subscription: Subscription,
  changes: readonly ItemChange[],
  options: ChangeOptions,
): void {
  const { world, account } = context;
  const at = options.proration_date ?? world.clock.now();
  const behavior = options.proration_behavior ?? "create_prorations";
  const { items, lines, restarts } = planItemChange(context, subscription, changes, at);
  const kept = behavior === "none" ? lines.filter((line) => !line.proration) : lines;
  const before = structuredClone(subscription);
  changeSubscription(context, subscription, () => {
    subscription.items.data = items;
    if (!restarts) return;
    subscription.billing_cycle_anchor = at;
    subscription.billing_cycle_anchor_config = null;
  });
  if (kept.length === 0) return;
  if (!restarts && behavior === "create_prorations") {
    const waiting = account.pendingLines.get(subscription.id) ?? [];
    account.pendingLines.set(subscription.id, [...waiting, ...kept]);
    return;
  }
  const period = { start: at, end: at };
  const invoice = draftInvoice(context, subscription, "subscription_update", kept, period);
  subscription.latest_invoice = invoice.id;
  finalizeInvoice(context, invoice);
  if (invoice.status !== "open") return;
  try {
    payInvoice(context, invoice, payerOf(context, subscription));
  } catch (error) {
    if (options.payment_behavior !== "error_if_incomplete") return;
    Object.assign(subscription, before);
    throw error;
  }
}
