import { invalid } from "../core/errors.ts";
import { checkCurrency } from "../core/money.ts";
import {
  choice,
  flag,
  hash,
  integer,
  list,
  metadata,
  required,
  text,
  timeRange,
} from "../core/params.ts";
import { newPrice, newProduct } from "../entities/catalog.ts";
import { route } from "../http/router.ts";
import type { Account } from "../store/account.ts";
import { inRange, PAGE, paginate } from "../store/list.ts";
import { mergeMetadata } from "./shared.ts";

const PRICE = {
  active: flag(),
  lookup_key: text(200),
  metadata: metadata(),
  nickname: text(),
  tax_behavior: choice("exclusive", "inclusive", "unspecified"),
  transfer_lookup_key: flag(),
};

/** One live price a lookup key; `transfer_lookup_key` takes it from the one that has it. */
function takeLookupKey(account: Account, key: string | undefined, transfer: boolean): void {
  const holder = account.prices.all().find((price) => price.lookup_key === key);
  if (key === undefined || holder === undefined) return;
  if (!transfer) {
    throw invalid(
      `A price (\`${holder.id}\`) already uses that lookup key. Use \`transfer_lookup_key=true\` to transfer it.`,
      { param: "lookup_key" },
    );
  }
  holder.lookup_key = null;
}

const create = route("POST", "/v1/prices", {
  ...PRICE,
  currency: required(text()),
  product: text(),
  product_data: hash({ name: required(text()), metadata: metadata() }),
  recurring: hash({
    interval: required(choice("day", "week", "month", "year")),
    interval_count: integer(1),
    trial_period_days: integer(1),
    usage_type: choice("licensed"),
  }),
  unit_amount: required(integer(0)),
}, ({ world, account, actor, params }) => {
  const now = world.clock.now();
  const currency = checkCurrency(params.currency);
  if ((params.product === undefined) === (params.product_data === undefined)) {
    throw invalid("You must specify either `product` or `product_data` when creating a price.", {
      param: "product",
    });
  }
  takeLookupKey(account, params.lookup_key, params.transfer_lookup_key ?? false);
  const product = params.product_data === undefined
    ? account.products.get(params.product ?? "", "product")
    : account.products.add(newProduct({ created: now, ...params.product_data }));
  if (params.product_data !== undefined) world.emit(account, "product.created", product, actor);
  const price = newPrice({
    created: now,
    currency,
    product: product.id,
    unit_amount: params.unit_amount,
    recurring: params.recurring === undefined ? null : {
      interval: params.recurring.interval,
      interval_count: params.recurring.interval_count ?? 1,
      trial_period_days: params.recurring.trial_period_days ?? null,
    },
    active: params.active ?? true,
    lookup_key: params.lookup_key ?? null,
    metadata: mergeMetadata({}, params.metadata),
    nickname: params.nickname ?? null,
    tax_behavior: params.tax_behavior ?? "unspecified",
  });
  account.prices.add(price);
  world.emit(account, "price.created", price, actor);
  return price;
});

const retrieve = route(
  "GET",
  "/v1/prices/:id",
  {},
  ({ account, ids }) => account.prices.get(ids[0] ?? ""),
);

const update = route(
  "POST",
  "/v1/prices/:id",
  PRICE,
  ({ world, account, actor, ids, params }) => {
    const price = account.prices.get(ids[0] ?? "");
    const { transfer_lookup_key, ...fields } = params;
    if (
      params.active === false && account.products.find(price.product)?.default_price === price.id
    ) {
      throw invalid(
        "This price cannot be archived because it is the default price of its product.",
      );
    }
    takeLookupKey(account, params.lookup_key, transfer_lookup_key ?? false);
    world.change(account, "price.updated", price, actor, () => {
      Object.assign(price, fields, { metadata: mergeMetadata(price.metadata, params.metadata) });
    });
    return price;
  },
);

/** Active ones alone, unless the others are asked for. */
const all = route("GET", "/v1/prices", {
  ...PAGE,
  active: flag(),
  created: timeRange(),
  currency: text(),
  lookup_keys: list(text()),
  product: text(),
  type: choice("one_time", "recurring"),
}, ({ account, params }) => {
  const rows = account.prices.all().filter((price) =>
    inRange(price.created, params.created) &&
    price.active === (params.active ?? true) &&
    (params.currency === undefined || price.currency === params.currency) &&
    (params.lookup_keys === undefined ||
      (price.lookup_key !== null && params.lookup_keys.includes(price.lookup_key))) &&
    (params.product === undefined || price.product === params.product) &&
    (params.type === undefined || price.type === params.type)
  );
  return paginate(rows, params, "/v1/prices", "price");
});

export const priceRoutes = [create, retrieve, update, all];
