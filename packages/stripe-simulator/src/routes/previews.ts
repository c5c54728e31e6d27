import { invalid, StripeRefusal } from "../core/errors.ts";
import type { Params } from "../core/params.ts";
import { route } from "../http/router.ts";
import { discountsAt, previewDiscounts } from "../operations/discounts.ts";
import type { Applied } from "../operations/discounts.ts";
import { linesOf, pendingItems } from "../operations/invoice-items.ts";
import { planItemChange } from "../operations/item-changes.ts";
import { billingDay, nextBoundary } from "../operations/periods.ts";
import { firstItem, fullLine, periodOf } from "../operations/proration.ts";
import type { Invoice, Subscription } from "../store/types.ts";
import { firstInvoice } from "./first-previews.ts";
import { PREVIEW, previewBill, WITHIN } from "./preview-bills.ts";
import type { DETAILS, PreviewCall } from "./preview-bills.ts";

/** Discounts of the preview's own, else those that the subscription will still have. */
function discountsOf(call: PreviewCall, subscription: Subscription, at: number): Applied[] {
  const given = call.params.discounts;
  return given === undefined
    ? discountsAt(call.account, subscription.discounts, at)
    : previewDiscounts(call, given ?? [], subscription);
}

/** A date of proration is for a change that prorates. */
function checkProrationDate(details: Params<typeof DETAILS>): void {
  if (details.proration_date === undefined) return;
  const changes = details.items !== undefined || details.trial_end !== undefined;
  if (changes && details.proration_behavior !== "none") return;
  throw invalid(
    "You must pass `subscription_details[items]` or `subscription_details[trial_end]`, and a `proration_behavior` other than `none`, with a `proration_date`.",
    { param: `${WITHIN}[proration_date]` },
  );
}

/** The next invoice of a subscription, after the changes asked about. */
function nextInvoice(call: PreviewCall, subscription: Subscription): Invoice {
  const { world, params } = call;
  const details = params.subscription_details ?? {};
  const now = world.clock.now();
  const behavior = details.proration_behavior ?? "create_prorations";
  const anchor = details.billing_cycle_anchor?.type;
  checkProrationDate(details);
  const plan = planItemChange(call, subscription, details.items ?? [], {
    within: WITHIN,
    discounts: discountsOf(call, subscription, now),
    ...(details.proration_date === undefined ? {} : { at: details.proration_date }),
    ...(anchor === undefined ? {} : { anchor }),
  });
  const waiting = linesOf(call, pendingItems(call, subscription));
  const lines = behavior === "none" ? waiting : [...waiting, ...plan.prorations];
  const atOnce = plan.restarts || (behavior === "always_invoice" && details.items !== undefined);
  if (atOnce) {
    const invoice = previewBill(call, subscription, {
      reason: "upcoming",
      lines: [...lines, ...plan.periods],
      discounts: discountsOf(call, subscription, now),
      period: { start: now, end: now },
      finalizesAt: null,
    });
    return dated(invoice, details.proration_date ?? now);
  }
  const [first] = plan.items;
  const start = first?.current_period_end ?? now;
  const ending = details.cancel_at_period_end ??
    (subscription.cancel_at !== null && subscription.cancel_at <= start);
  const day = billingDay(subscription);
  const renewed = ending
    ? []
    : plan.items.map((item) =>
      fullLine(item, { start, end: nextBoundary(start, item.price, day) })
    );
  if (renewed.length === 0 && lines.length === 0) throw noneUpcoming();
  const invoice = previewBill(call, subscription, {
    reason: "upcoming",
    lines: [...lines, ...renewed],
    // A discount for one invoice that prorations take is gone when the period is renewed.
    discounts: discountsOf(call, subscription, start).filter((one) =>
      !(one.coupon.duration === "once" && plan.used.has(one.discount.id) && behavior !== "none")
    ),
    period: periodOf(firstItem(subscription)),
    finalizesAt: null,
  });
  return plan.prorations.length === 0 ? invoice : dated(invoice, details.proration_date ?? now);
}

/** The instant for which a preview prorates is told in the preview alone. */
function dated(invoice: Invoice, at: number): Invoice {
  const subscription = invoice.parent?.subscription_details;
  if (subscription) subscription.subscription_proration_date = at;
  return invoice;
}

function noneUpcoming(): Error {
  return new StripeRefusal(404, {
    type: "invalid_request_error",
    code: "invoice_upcoming_none",
    message: "No upcoming invoices for customer",
  });
}

/** `POST /v1/invoices/create_preview`: what a subscription, or a change of it, would be billed next. */
export const previewRoutes = [
  route("POST", "/v1/invoices/create_preview", PREVIEW, (call) => {
    const { account, params } = call;
    if (params.subscription === undefined) return firstInvoice(call);
    const subscription = account.subscriptions.get(params.subscription, "subscription");
    if (params.customer !== undefined && params.customer !== subscription.customer) {
      throw invalid(
        `The subscription ${subscription.id} does not belong to the customer ${params.customer}.`,
        { param: "subscription" },
      );
    }
    if (subscription.ended_at !== null) throw noneUpcoming();
    return nextInvoice(call, subscription);
  }),
];
