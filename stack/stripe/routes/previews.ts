import { invalid, StripeRefusal } from "../core/errors.ts";
import { choice, emptyable, flag, hash, integer, list, text } from "../core/params.ts";
import type { Params } from "../core/params.ts";
import { newItem, newSubscription } from "../entities/subscription.ts";
import { newBillingDetails } from "../entities/payment-method.ts";
import { checkTaxId } from "../entities/tax-ids.ts";
import { route } from "../http/router.ts";
import type { Call } from "../http/router.ts";
import { prepareInvoice } from "../operations/bills.ts";
import type { Bill } from "../operations/bills.ts";
import { discountsAt, previewDiscounts } from "../operations/discounts.ts";
import type { Applied } from "../operations/discounts.ts";
import { linesOf, pendingItems } from "../operations/invoice-items.ts";
import { buyerOf, leviesOf, locationInvalid, overrideOf } from "../operations/taxes.ts";
import type { Buyer } from "../operations/taxes.ts";
import { payerOf } from "../operations/payers.ts";
import { planItemChange } from "../operations/item-changes.ts";
import { firstItem, fullLine, periodOf } from "../operations/proration.ts";
import { billingDay, firstLines, nextBoundary } from "../operations/subscriptions.ts";
import type { Invoice, Subscription } from "../store/types.ts";
import { ADDRESS, addressOf } from "./shared.ts";
import {
  ANCHOR_CHANGE,
  AUTOMATIC_TAX,
  BILLING_MODE,
  DISCOUNTS,
  itemDraft,
  ITEMS,
  TRIAL_END,
  trialEndOf,
} from "./subscription-params.ts";
import { TAX_ID } from "./tax-ids.ts";

const DETAILS = {
  billing_cycle_anchor: ANCHOR_CHANGE,
  billing_mode: BILLING_MODE,
  cancel_at_period_end: flag(),
  items: ITEMS,
  proration_behavior: choice("always_invoice", "create_prorations", "none"),
  proration_date: integer(),
  trial_end: TRIAL_END,
};

const PREVIEW = {
  automatic_tax: AUTOMATIC_TAX,
  currency: text(),
  customer: text(),
  customer_details: hash({
    address: ADDRESS,
    tax_exempt: emptyable(choice("exempt", "none", "reverse")),
    tax_ids: list(TAX_ID),
  }),
  discounts: DISCOUNTS,
  preview_mode: choice("next"),
  subscription: text(),
  subscription_details: hash(DETAILS),
};

type PreviewCall = Call<Params<typeof PREVIEW>>;

/** Discounts of the preview's own, else those that the subscription will still have. */
function discountsOf(call: PreviewCall, subscription: Subscription, at: number): Applied[] {
  const given = call.params.discounts;
  return given === undefined
    ? discountsAt(call.account, subscription.discounts, at)
    : previewDiscounts(call, given ?? [], subscription);
}

/** The bill with the tax that it asks about. */
function preview(call: PreviewCall, subscription: Subscription, bill: Bill): Invoice {
  const { account, params } = call;
  const enabled = params.automatic_tax?.enabled ?? subscription.automatic_tax.enabled;
  const customer = account.customers.find(subscription.customer);
  const known = buyerOf(account, customer, payerOf(call, subscription));
  const given = params.customer_details;
  for (const [index, { type, value }] of (given?.tax_ids ?? []).entries()) {
    checkTaxId(type, value, `customer_details[tax_ids][${index}][value]`);
  }
  const address = addressOf(given?.address);
  const buyer: Buyer = {
    address: address === null ? known.address : newBillingDetails({ address }).address,
    taxIds: given?.tax_ids ?? known.taxIds,
    override: given?.tax_exempt === undefined ? known.override : overrideOf(given.tax_exempt),
  };
  if (enabled && leviesOf(buyer) === null) throw locationInvalid("automatic_tax");
  const taxed = { ...subscription, automatic_tax: { ...subscription.automatic_tax, enabled } };
  return prepareInvoice(call, taxed, { ...bill, buyer });
}

/** The next invoice of a subscription, after the changes asked about. */
function nextInvoice(call: PreviewCall, subscription: Subscription): Invoice {
  const { world, params } = call;
  const details = params.subscription_details ?? {};
  const now = world.clock.now();
  const behavior = details.proration_behavior ?? "create_prorations";
  const anchor = details.billing_cycle_anchor?.type;
  const plan = planItemChange(call, subscription, details.items ?? [], {
    discounts: discountsOf(call, subscription, now),
    ...(details.proration_date === undefined ? {} : { at: details.proration_date }),
    ...(anchor === undefined ? {} : { anchor }),
  });
  const waiting = linesOf(call, pendingItems(call, subscription));
  const lines = behavior === "none" ? waiting : [...waiting, ...plan.prorations];
  const atOnce = plan.restarts || (behavior === "always_invoice" && details.items !== undefined);
  if (atOnce) {
    const invoice = preview(call, subscription, {
      reason: "upcoming",
      lines: [...lines, ...plan.periods],
      discounts: discountsOf(call, subscription, now),
      period: { start: now, end: now },
      finalizesAt: null,
    });
    return dated(invoice, details.proration_date ?? now);
  }
  const ending = details.cancel_at_period_end ?? subscription.cancel_at_period_end;
  const [first] = plan.items;
  const start = first?.current_period_end ?? now;
  const day = billingDay(subscription);
  const renewed = ending
    ? []
    : plan.items.map((item) =>
      fullLine(item, { start, end: nextBoundary(start, item.price, day) })
    );
  if (renewed.length === 0 && lines.length === 0) throw noneUpcoming();
  const invoice = preview(call, subscription, {
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

/** The first invoice of a subscription that does not exist yet. */
function firstInvoice(call: PreviewCall): Invoice {
  const { account, params, world } = call;
  const details = params.subscription_details ?? {};
  const now = world.clock.now();
  const drafts = (details.items ?? []).map((item, index) => itemDraft(call, item, index));
  const [first] = drafts;
  if (first === undefined) {
    throw invalid("You must specify `subscription` or `subscription_details[items]`.", {
      param: "subscription",
    });
  }
  const customer = params.customer === undefined
    ? ""
    : account.customers.get(params.customer, "customer").id;
  const trialEnd = trialEndOf(call, details);
  const subscription = newSubscription({
    billing_cycle_anchor: trialEnd ?? now,
    created: now,
    currency: first.price.currency,
    customer,
    status: trialEnd === null ? "active" : "trialing",
    trial_end: trialEnd,
  });
  const end = trialEnd ?? nextBoundary(now, first.price);
  subscription.items.data = drafts.map((draft) =>
    newItem(now, subscription.id, draft, { start: now, end })
  );
  const discounts = previewDiscounts(call, params.discounts ?? [], subscription);
  const waiting = linesOf(call, pendingItems(call, subscription));
  return preview(call, subscription, {
    reason: "upcoming",
    lines: [...waiting, ...firstLines(subscription, discounts, now, false)],
    discounts,
    period: { start: now, end: now },
    finalizesAt: null,
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
