import type { Invoice, Subscription } from "../store/types.ts";
import { unapplyBalance } from "./balance.ts";
import type { Context } from "./context.ts";
import { cancelDefault } from "./invoice-payments.ts";
import { changeSubscription, expireSubscription } from "./lifecycle.ts";
import type { EndReason } from "./lifecycle.ts";
import { decisiveInvoice, subscriptionOf } from "./subscription-invoices.ts";

/** Gives an open invoice up without closing the way to pay it. */
export function markUncollectible({ world, account, actor }: Context, invoice: Invoice): void {
  invoice.status = "uncollectible";
  invoice.auto_advance = false;
  invoice.next_payment_attempt = null;
  invoice.status_transitions.marked_uncollectible_at = world.clock.now();
  world.emit(account, "invoice.marked_uncollectible", invoice, actor);
}

/** Closes an invoice that nobody is to pay any more. */
export function voidInvoice(context: Context, invoice: Invoice): void {
  const { world, account, actor } = context;
  invoice.status = "void";
  invoice.auto_advance = false;
  invoice.next_payment_attempt = null;
  invoice.automatically_finalizes_at = null;
  invoice.status_transitions.voided_at = world.clock.now();
  cancelDefault(context, invoice, "void_invoice");
  if (invoice.number !== null) unapplyBalance(context, invoice);
  world.emit(account, "invoice.voided", invoice, actor);
  const subscription = subscriptionOf(context, invoice);
  if (subscription !== undefined) followVoided(context, subscription, invoice);
}

/** Without its first invoice a subscription never begins; otherwise the one before decides. */
function followVoided(context: Context, subscription: Subscription, invoice: Invoice): void {
  if (subscription.status === "incomplete") {
    if (invoice.billing_reason === "subscription_create") expireSubscription(context, subscription);
    return;
  }
  const waits = subscription.status === "past_due" || subscription.status === "unpaid";
  if (!waits || subscription.latest_invoice !== invoice.id) return;
  const before = decisiveInvoice(context, subscription);
  if (before?.status === "open" || before?.status === "draft") return;
  changeSubscription(context, subscription, () => {
    subscription.status = "active";
  });
}

/** Ends a subscription that was never paid for, and with it its first invoice. */
export function giveUpIncomplete(
  context: Context,
  subscription: Subscription,
  reason?: EndReason,
): void {
  expireSubscription(context, subscription, reason);
  const invoice = context.account.invoices.find(subscription.latest_invoice ?? "");
  if (invoice?.status === "open") voidInvoice(context, invoice);
}
