import type { PaymentMethod, Subscription } from "../store/types.ts";
import type { Context } from "./context.ts";

/** The method that pays a subscription's invoices. */
export function payerOf(
  { account }: Context,
  subscription: Subscription,
): PaymentMethod | undefined {
  const customer = account.customers.find(subscription.customer);
  const ids = [
    subscription.default_payment_method,
    customer?.invoice_settings.default_payment_method,
  ];
  // What has been detached from the customer pays nothing any more.
  return ids.flatMap((id) => account.paymentMethods.find(id ?? "") ?? [])
    .find((method) => method.customer === subscription.customer);
}
