import { choice, flag, hash, integer, list, metadata, required, text } from "../core/params.ts";
import { newInvoice } from "../entities/invoice.ts";
import { route } from "../http/router.ts";
import { planItemChange } from "../operations/item-changes.ts";

/** `POST /v1/invoices/create_preview`: what a change of a subscription's items would be billed. */
export const previewRoutes = [
  route("POST", "/v1/invoices/create_preview", {
    customer: text(),
    subscription: required(text()),
    subscription_details: required(hash({
      items: required(list(hash({
        id: text(),
        price: text(),
        quantity: integer(0),
        deleted: flag(),
        metadata: metadata(),
      }))),
      proration_behavior: choice("always_invoice", "create_prorations", "none"),
      proration_date: integer(),
    })),
  }, (call) => {
    const { world, account, params } = call;
    const subscription = account.subscriptions.get(params.subscription, "subscription");
    const details = params.subscription_details;
    const now = world.clock.now();
    const at = details.proration_date ?? now;
    const { lines } = planItemChange(call, subscription, details.items, at);
    return newInvoice(subscription, account.customers.find(subscription.customer), {
      now,
      reason: "upcoming",
      lines: details.proration_behavior === "none"
        ? lines.filter((line) => !line.proration)
        : lines,
      period: { start: at, end: at },
      finalizesAt: null,
      connected: account.connected,
    });
  }),
];
