import { nextOccurrence } from "../core/dates.ts";
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
import type { Call } from "../http/router.ts";
import { changeSubscription, tellTrialEndIfNear } from "../operations/lifecycle.ts";
import { cancelNow } from "../operations/cancellations.ts";
import { createSubscription } from "../operations/subscriptions.ts";
import { setDiscounts } from "../operations/discounts.ts";
import { changeItems } from "../operations/item-updates.ts";
import { payerOf } from "../operations/payers.ts";
import { firstItem } from "../operations/proration.ts";
import { inRange, PAGE, paginate } from "../store/list.ts";
import { SEARCH, search } from "../store/search.ts";
import type { Subscription } from "../store/types.ts";
import { mergeMetadata } from "./shared.ts";
import { ADDED_ITEMS, addedLines } from "./added-items.ts";
import {
  ANCHOR_CHANGE,
  ANCHOR_CONFIG,
  anchorConfig,
  automaticTax,
  BILLING_MODE,
  billingMode,
  checkFee,
  checkItems,
  checkPayer,
  COMMON,
  itemDraft,
  ITEMS,
  paymentSettings,
  TRIAL_END,
  trialEndOf,
  trialSettings,
} from "./subscription-params.ts";

const create = route("POST", "/v1/subscriptions", {
  ...COMMON,
  billing_cycle_anchor: integer(),
  billing_cycle_anchor_config: ANCHOR_CONFIG,
  billing_mode: BILLING_MODE,
  cancel_at: integer(),
  currency: text(),
  customer: required(text()),
  items: required(list(hash({ price: text(), quantity: integer(0), metadata: metadata() }))),
  trial_end: TRIAL_END,
  trial_period_days: integer(0),
}, (call) => {
  const { account, params } = call;
  account.customers.get(params.customer, "customer");
  const items = params.items.map((item, index) => itemDraft(call, item, index));
  checkItems(call, items, params.customer, params.currency?.toLowerCase());
  checkFee(call, params.application_fee_percent);
  checkPayer(call, params.default_payment_method, params.customer);
  const trialEnd = trialEndOf(call, params);
  const config = anchorConfig(params, items);
  const now = call.world.clock.now();
  const subscription = createSubscription(call, {
    customer: params.customer,
    items,
    anchor: config === null ? params.billing_cycle_anchor : nextOccurrence(now, config),
    prorate: params.proration_behavior !== "none",
    trialEnd,
    discounts: params.discounts ?? [],
    paymentBehavior: params.payment_behavior ?? "allow_incomplete",
    fields: {
      ...trialSettings(params),
      ...paymentSettings(params),
      ...automaticTax(call, params, params.customer),
      application_fee_percent: params.application_fee_percent ?? null,
      billing_cycle_anchor_config: config,
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

function setCancellation(
  call: Call,
  subscription: Subscription,
  atPeriodEnd: boolean | undefined,
  at: number | null | undefined,
): void {
  if (atPeriodEnd === undefined && at === undefined) return;
  const now = call.world.clock.now();
  if (typeof at === "number" && at <= now) {
    throw invalid("`cancel_at` must be in the future", { param: "cancel_at" });
  }
  const end = firstItem(subscription).current_period_end;
  subscription.cancel_at_period_end = atPeriodEnd ?? subscription.cancel_at_period_end;
  subscription.cancel_at = subscription.cancel_at_period_end ? end : at ?? null;
  const canceling = subscription.cancel_at !== null;
  subscription.canceled_at = canceling ? now : null;
  if (subscription.cancellation_details !== null) {
    subscription.cancellation_details.reason = canceling ? "cancellation_requested" : null;
  }
}

const retrieve = route(
  "GET",
  "/v1/subscriptions/:id",
  {},
  ({ account, ids }) => account.subscriptions.get(ids[0] ?? ""),
);

const update = route("POST", "/v1/subscriptions/:id", {
  ...COMMON,
  add_invoice_items: ADDED_ITEMS,
  billing_cycle_anchor: ANCHOR_CHANGE,
  cancel_at: emptyable(integer()),
  cancellation_details: hash({ comment: emptyable(text()) }),
  items: ITEMS,
  pause_collection: emptyable(hash({
    behavior: required(choice("keep_as_draft", "mark_uncollectible", "void")),
    resumes_at: integer(),
  })),
  proration_date: integer(),
  trial_end: TRIAL_END,
}, (call) => {
  const { account, ids, params } = call;
  const subscription = account.subscriptions.get(ids[0] ?? "");
  const ended = ["canceled", "incomplete_expired"].includes(subscription.status);
  const harmless = Object.keys(params).every((key) =>
    key === "metadata" || key === "cancellation_details"
  );
  if (ended && !harmless) {
    throw invalid(
      "A canceled subscription can only update its cancellation_details and metadata.",
      { code: "invalid_canceled_subscription_fields" },
    );
  }
  checkFee(call, params.application_fee_percent);
  checkPayer(call, params.default_payment_method, subscription.customer);
  const trialEnd = params.trial_end === undefined ? undefined : trialEndOf(call, params);
  const taxed = automaticTax(call, params, subscription.customer);
  if (params.automatic_tax !== undefined) {
    changeSubscription(call, subscription, () => {
      Object.assign(subscription, taxed);
    });
  }
  if (params.discounts !== undefined) {
    changeSubscription(call, subscription, () => {
      setDiscounts(call, subscription, params.discounts ?? []);
    });
  }
  const anchor = params.billing_cycle_anchor?.type;
  const { items, add_invoice_items: added } = params;
  if (items !== undefined || added !== undefined || anchor === "now") {
    changeItems(call, subscription, items ?? [], {
      ...params,
      add: addedLines(call, added, subscription),
      ...(anchor === undefined ? {} : { anchor }),
    });
  }
  changeSubscription(call, subscription, () => {
    Object.assign(subscription, trialSettings(params), paymentSettings(params));
    subscription.metadata = mergeMetadata(subscription.metadata, params.metadata);
    if (params.application_fee_percent !== undefined) {
      subscription.application_fee_percent = params.application_fee_percent;
    }
    if (params.default_payment_method !== undefined) {
      subscription.default_payment_method = params.default_payment_method;
      if (payerOf(call, subscription) !== undefined) subscription.pending_setup_intent = null;
    }
    if (params.pause_collection !== undefined) {
      subscription.pause_collection = params.pause_collection === null ? null : {
        behavior: params.pause_collection.behavior,
        resumes_at: params.pause_collection.resumes_at ?? null,
      };
    }
    if (params.description !== undefined) subscription.description = params.description;
    if (params.cancellation_details?.comment !== undefined && subscription.cancellation_details) {
      subscription.cancellation_details.comment = params.cancellation_details.comment;
    }
    setCancellation(call, subscription, params.cancel_at_period_end, params.cancel_at);
    if (trialEnd !== undefined) setTrialEnd(call, subscription, trialEnd);
  });
  if (trialEnd !== undefined && trialEnd !== null) tellTrialEndIfNear(call, subscription);
  return subscription;
});

/** A new end of trial; none ends the trial within the next second, and its renewal follows. */
function setTrialEnd({ world }: Call, subscription: Subscription, trialEnd: number | null): void {
  const end = trialEnd ?? world.clock.now();
  subscription.trial_end = end;
  subscription.billing_cycle_anchor = end;
  subscription.billing_cycle_anchor_config = null;
  subscription.status = "trialing";
  subscription.trial_start ??= world.clock.now();
  for (const item of subscription.items.data) item.current_period_end = end;
}

const cancel = route("DELETE", "/v1/subscriptions/:id", {
  cancellation_details: hash({ comment: emptyable(text()) }),
  invoice_now: flag(),
  prorate: flag(),
}, (call) => {
  const { account, ids, params } = call;
  const subscription = account.subscriptions.get(ids[0] ?? "");
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

const found = route("GET", "/v1/subscriptions/search", SEARCH, ({ world, account, params }) => {
  const newest = world.clock.now() - world.searchLagSeconds;
  return search(account.subscriptions.all(), params, "/v1/subscriptions/search", newest);
});

export const subscriptionRoutes = [create, retrieve, update, cancel, all, found];
