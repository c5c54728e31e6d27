import { methodNamed } from "../entities/payment-method.ts";
import type { Subscription } from "../store/types.ts";
import { setCancellation } from "./cancellations.ts";
import type { Context } from "./context.ts";
import { changeSubscription } from "./lifecycle.ts";
import { attach } from "./methods.ts";

/** "Cancel at the period's end": a flag in classic billing mode, a date in the flexible one. */
export function cancelInPortal(context: Context, subscription: Subscription): void {
  changeSubscription(context, subscription, () => {
    if (subscription.billing_mode.type === "flexible") {
      setCancellation(context, subscription, undefined, "max_period_end");
    } else setCancellation(context, subscription, true, undefined);
  });
}

/** "Renew": neither flag nor date is left. */
export function renewInPortal(context: Context, subscription: Subscription): void {
  changeSubscription(context, subscription, () => {
    setCancellation(context, subscription, false, null);
  });
}

/**
 * Another card, which pays from now on. That a live subscription with a card of its own takes it too is inferred
 * (README.md).
 */
export function replaceCard(context: Context, customerId: string, name: string): void {
  const { world, account, actor } = context;
  const customer = account.customers.get(customerId);
  const method = methodNamed(account, world.clock.now(), name, "payment_method");
  attach(context, method, customerId);
  world.change(account, "customer.updated", customer, actor, () => {
    customer.invoice_settings.default_payment_method = method.id;
  });
  for (const subscription of account.subscriptions.all()) {
    const hasOwn = subscription.customer === customerId && subscription.ended_at === null &&
      subscription.default_payment_method !== null;
    if (!hasOwn) continue;
    changeSubscription(context, subscription, () => {
      subscription.default_payment_method = method.id;
    });
  }
}
