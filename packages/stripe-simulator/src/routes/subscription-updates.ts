import { invalid } from "../core/errors.ts";
import { choice, emptyable, hash, integer, required, text } from "../core/params.ts";
import type { Params } from "../core/params.ts";
import { APPLICATION } from "../entities/payment-intent.ts";
import { route } from "../http/router.ts";
import type { Call } from "../http/router.ts";
import { checkCancelAt, setCancellation } from "../operations/cancellations.ts";
import { setDiscounts } from "../operations/discounts.ts";
import { planItemChange } from "../operations/item-changes.ts";
import { changeItems } from "../operations/item-updates.ts";
import { changeSubscription, tellTrialEndIfNear } from "../operations/lifecycle.ts";
import { payerOf } from "../operations/payers.ts";
import type { Account } from "../store/account.ts";
import type { Subscription } from "../store/types.ts";
import { mergeMetadata } from "./shared.ts";
import {
  ANCHOR_CHANGE,
  automaticTax,
  CANCEL_AT,
  checkFee,
  checkPayer,
  COMMON,
  ITEMS,
  paymentSettings,
  PRORATION_BEHAVIOR,
  TRIAL_END,
  trialEndOf,
  trialSettings,
} from "./subscription-params.ts";

const WHILE_INCOMPLETE: ReadonlySet<string> = new Set([
  "cancellation_details",
  "default_payment_method",
  "metadata",
]);

/** Nothing of a subscription is changed before its first invoice is paid, but by what it is paid. */
function checkIncomplete(subscription: Subscription, params: object): void {
  if (subscription.status !== "incomplete") return;
  const param = Object.keys(params).find((key) => !WHILE_INCOMPLETE.has(key));
  if (param === undefined) return;
  throw invalid(
    "You cannot update a subscription in `incomplete` status in a way that results in a new invoice or invoice items.",
    { param },
  );
}

/** A platform changes and ends on a connected account what it has made there, and nothing else. */
export function checkMaker(account: Account, { application }: Subscription): void {
  if (!account.connected || application === APPLICATION) return;
  throw invalid(
    "You can't make any changes on a subscription that was not created by your application.",
  );
}

/** Refuses what cannot be changed of a subscription as it stands. */
export function checkUpdate(
  account: Account,
  subscription: Subscription,
  params: { payment_behavior?: string; items?: readonly object[]; discounts?: unknown },
): void {
  checkMaker(account, subscription);
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
  checkIncomplete(subscription, params);
  if (params.payment_behavior === "pending_if_incomplete") {
    throw invalid("This simulator has no pending updates.", { param: "payment_behavior" });
  }
}

/** A new end of trial; none ends the trial within the next second, and its renewal follows. */
function setTrialEnd({ world }: Call, subscription: Subscription, trialEnd: number | null): void {
  const end = trialEnd ?? world.clock.now();
  subscription.trial_end = end;
  subscription.billing_cycle_anchor = end;
  subscription.status = "trialing";
  subscription.trial_start ??= world.clock.now();
  for (const item of subscription.items.data) item.current_period_end = end;
}

const UPDATE = {
  ...COMMON,
  billing_cycle_anchor: ANCHOR_CHANGE,
  cancel_at: emptyable(CANCEL_AT),
  cancellation_details: hash({ comment: emptyable(text()) }),
  items: ITEMS,
  pause_collection: emptyable(hash({
    behavior: required(choice("keep_as_draft", "mark_uncollectible", "void")),
    resumes_at: integer(),
  })),
  proration_behavior: PRORATION_BEHAVIOR,
  proration_date: integer(),
  trial_end: TRIAL_END,
};

type UpdateCall = Call<Params<typeof UPDATE>>;

/** Sets what an update changes without billing anything. */
function setFields(call: UpdateCall, subscription: Subscription, trialEnd?: number | null): void {
  const { params } = call;
  Object.assign(subscription, trialSettings(params), paymentSettings(params));
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
}

const update = route("POST", "/v1/subscriptions/:id", UPDATE, (call) => {
  const { account, ids, params, world } = call;
  const subscription = account.subscriptions.get(ids[0] ?? "");
  checkUpdate(account, subscription, params);
  checkCancelAt(call, params.cancel_at, params.cancel_at_period_end);
  checkFee(call, params.application_fee_percent);
  checkPayer(call, params.default_payment_method, subscription.customer);
  const trialEnd = params.trial_end === undefined ? undefined : trialEndOf(call, params);
  const taxed = automaticTax(call, params, subscription.customer);
  const { items } = params;
  const anchor = params.billing_cycle_anchor?.type;
  const restarts = anchor === undefined ? {} : { anchor };
  const changing = items !== undefined || anchor === "now";
  // What is refused is refused before anything has been changed.
  if (changing) {
    planItemChange(call, subscription, items ?? [], {
      discounts: [],
      ...(params.proration_date === undefined ? {} : { at: params.proration_date }),
      ...restarts,
    });
  }
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
  const tag = () => {
    subscription.metadata = mergeMetadata(subscription.metadata, params.metadata);
  };
  const late = world.billing.metadataAfterInvoice;
  const also = () => {
    setFields(call, subscription, trialEnd);
    if (!late) tag();
  };
  if (changing) changeItems(call, subscription, items ?? [], { ...params, ...restarts, also });
  else changeSubscription(call, subscription, also);
  if (late) changeSubscription(call, subscription, tag);
  if (trialEnd !== undefined && trialEnd !== null) tellTrialEndIfNear(call, subscription);
  return subscription;
});

export const subscriptionUpdateRoutes = [update];
