import type { Invoice, Subscription } from "../store/types.ts";
import type { Context } from "./context.ts";

export function subscriptionOf({ account }: Context, invoice: Invoice): Subscription | undefined {
  const id = invoice.parent?.subscription_details?.subscription;
  return id === undefined ? undefined : account.subscriptions.find(id);
}

/** The invoice that a subscription's status follows: its most recent one that is not void. */
export function decisiveInvoice(
  { account }: Context,
  subscription: Subscription,
): Invoice | undefined {
  const latest = account.invoices.find(subscription.latest_invoice ?? "");
  if (latest === undefined || latest.status !== "void") return latest;
  return account.invoices.all().findLast((invoice) =>
    invoice.status !== "void" &&
    invoice.parent?.subscription_details?.subscription === subscription.id
  );
}
