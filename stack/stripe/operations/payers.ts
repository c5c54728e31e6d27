import type { PaymentMethod, Subscription } from "../store/types.ts";
import type { Context } from "./context.ts";

/** The method that pays a subscription's invoices. */
export function payerOf(
  { account }: Context,
  subscription: Subscription,
): PaymentMethod | undefined {
  const customer = account.customers.find(subscription.customer);
  const id = subscription.default_payment_method ??
    customer?.invoice_settings.default_payment_method ?? null;
  return id === null ? undefined : account.paymentMethods.find(id);
}
