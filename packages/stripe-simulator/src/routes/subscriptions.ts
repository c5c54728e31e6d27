import { invalid, noSuch } from "../core/errors.ts";
import {
  choice,
  emptyable,
  flag,
  hash,
  integer,
  list,
  metadata,
  required,
  text,
  timeRange,
} from "../core/params.ts";
import { route } from "../http/router.ts";
import { cancelNow, checkCancelAt, setCancellation } from "../operations/cancellations.ts";
import { checkOneCurrency } from "../operations/customer-currency.ts";
import { createSubscription } from "../operations/subscriptions.ts";
import { inRange, PAGE, paginate } from "../store/list.ts";
import type { Subscription } from "../store/types.ts";
import { checkItems, itemDraft } from "./item-params.ts";
import { mergeMetadata } from "./shared.ts";
import { checkMaker } from "./subscription-updates.ts";
import {
  automaticTax,
  BILLING_MODE,
  billingMode,
  CANCEL_AT,
  checkFee,
  checkPayer,
  COMMON,
  paymentSettings,
  TRIAL_END,
  trialEndOf,
  trialSettings,
} from "./subscription-params.ts";

const create = route("POST", "/v1/subscriptions", {
  ...COMMON,
  billing_mode: BILLING_MODE,
  cancel_at: CANCEL_AT,
  currency: text(),
  customer: required(text()),
  items: required(list(hash({ price: text(), quantity: integer(0), metadata: metadata() }))),
  trial_end: TRIAL_END,
  trial_period_days: integer(0),
}, (call) => {
  const { account, params } = call;
  account.customers.get(params.customer, "customer");
  const items = params.items.map((item, index) => itemDraft(call, item, index));
  checkItems(items, params.currency);
  checkCancelAt(call, params.cancel_at, params.cancel_at_period_end);
  checkOneCurrency(account, params.customer, items[0]?.price.currency);
  if (params.payment_behavior === "pending_if_incomplete") {
    throw invalid("`pending_if_incomplete` can only be used when updating a subscription.", {
      param: "payment_behavior",
    });
  }
  checkFee(call, params.application_fee_percent);
  checkPayer(call, params.default_payment_method, params.customer);
  const trialEnd = trialEndOf(call, params);
  const subscription = createSubscription(call, {
    customer: params.customer,
    items,
    trialEnd,
    discounts: params.discounts ?? [],
    paymentBehavior: params.payment_behavior ?? "allow_incomplete",
    fields: {
      ...trialSettings(params),
      ...paymentSettings(params),
      ...automaticTax(call, params, params.customer),
      application_fee_percent: params.application_fee_percent ?? null,
      billing_mode: billingMode(params.billing_mode?.type),
      cancel_at_period_end: params.cancel_at_period_end ?? false,
      default_payment_method: params.default_payment_method ?? null,
      description: params.description ?? null,
      metadata: mergeMetadata({}, params.metadata),
    },
  });
  setCancellation(call, subscription, params.cancel_at_period_end, params.cancel_at);
  return subscription;
});

const retrieve = route(
  "GET",
  "/v1/subscriptions/:id",
  {},
  ({ account, ids }) => account.subscriptions.get(ids[0] ?? ""),
);

const cancel = route("DELETE", "/v1/subscriptions/:id", {
  cancellation_details: hash({ comment: emptyable(text()) }),
  invoice_now: flag(),
  prorate: flag(),
}, (call) => {
  const { account, ids, params } = call;
  const subscription = account.subscriptions.get(ids[0] ?? "");
  checkMaker(account, subscription);
  if (subscription.ended_at !== null) throw noSuch("subscription", subscription.id);
  if (subscription.cancellation_details !== null) {
    subscription.cancellation_details.comment = params.cancellation_details?.comment ?? null;
  }
  cancelNow(call, subscription, {
    prorate: params.prorate ?? false,
    invoiceNow: params.invoice_now ?? false,
  });
  return subscription;
});

const all = route("GET", "/v1/subscriptions", {
  ...PAGE,
  created: timeRange(),
  customer: text(),
  price: text(),
  status: choice(
    "active",
    "all",
    "canceled",
    "ended",
    "incomplete",
    "incomplete_expired",
    "past_due",
    "paused",
    "trialing",
    "unpaid",
  ),
}, ({ account, params }) => {
  const rows = account.subscriptions.all().filter((one) =>
    inRange(one.created, params.created) &&
    (params.customer === undefined || one.customer === params.customer) &&
    (params.price === undefined ||
      one.items.data.some((item) => item.price.id === params.price)) &&
    statusMatches(one, params.status)
  );
  return paginate(rows, params, "/v1/subscriptions", "subscription");
});

/** Without a status, everything that has not been canceled is listed. */
function statusMatches(subscription: Subscription, wanted: string | undefined): boolean {
  if (wanted === "all") return true;
  if (wanted === undefined) return subscription.status !== "canceled";
  if (wanted === "ended") return subscription.ended_at !== null;
  return subscription.status === wanted;
}

export const subscriptionRoutes = [create, retrieve, cancel, all];
