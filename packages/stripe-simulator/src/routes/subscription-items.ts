import { noSuch } from "../core/errors.ts";
import { integer, metadata, required, text } from "../core/params.ts";
import { route } from "../http/router.ts";
import type { Call } from "../http/router.ts";
import type { ItemChange } from "../operations/item-changes.ts";
import { changeItems } from "../operations/item-updates.ts";
import type { ChangeOptions } from "../operations/item-updates.ts";
import { PAGE, paginate } from "../store/list.ts";
import type { Subscription, SubscriptionItem } from "../store/types.ts";
import { mergeMetadata } from "./shared.ts";
import { PAYMENT_BEHAVIOR, PRORATION_BEHAVIOR } from "./subscription-params.ts";
import { checkUpdate } from "./subscription-updates.ts";

const CHANGE = {
  payment_behavior: PAYMENT_BEHAVIOR,
  proration_behavior: PRORATION_BEHAVIOR,
  proration_date: integer(),
};

interface Found {
  subscription: Subscription;
  item: SubscriptionItem;
}

function find({ account, ids }: Call): Found {
  const id = ids[0] ?? "";
  for (const subscription of account.subscriptions.all()) {
    const item = subscription.items.data.find((one) => one.id === id);
    if (item !== undefined) return { subscription, item };
  }
  throw noSuch("subscription_item", id);
}

function change(
  call: Call<ChangeOptions>,
  subscription: Subscription,
  what: ItemChange,
): SubscriptionItem[] {
  checkUpdate(call.account, subscription, { ...call.params, items: [what] });
  changeItems(call, subscription, [what], call.params);
  return subscription.items.data;
}

const create = route("POST", "/v1/subscription_items", {
  ...CHANGE,
  metadata: metadata(),
  price: required(text()),
  quantity: integer(0),
  subscription: required(text()),
}, (call) => {
  const { account, params } = call;
  const subscription = account.subscriptions.get(params.subscription, "subscription");
  const known = new Set(subscription.items.data.map((item) => item.id));
  const { price, quantity = 1 } = params;
  const added = change(call, subscription, { price, quantity }).find((one) => !known.has(one.id));
  if (added === undefined) throw new Error("no item was added");
  added.metadata = mergeMetadata({}, params.metadata);
  return added;
});

const update = route("POST", "/v1/subscription_items/:id", {
  ...CHANGE,
  metadata: metadata(),
  price: text(),
  quantity: integer(0),
}, (call) => {
  const { subscription, item } = find(call);
  const { price, quantity } = call.params;
  change(call, subscription, {
    id: item.id,
    ...(price === undefined ? {} : { price }),
    ...(quantity === undefined ? {} : { quantity }),
  });
  const changed = find(call).item;
  changed.metadata = mergeMetadata(changed.metadata, call.params.metadata);
  return changed;
});

const all = route("GET", "/v1/subscription_items", {
  ...PAGE,
  subscription: required(text()),
}, ({ account, params }) => {
  const subscription = account.subscriptions.get(params.subscription, "subscription");
  const url = `/v1/subscription_items?subscription=${subscription.id}`;
  return paginate(subscription.items.data.toReversed(), params, url, "subscription_item");
});

export const subscriptionItemRoutes = [create, update, all];
