import { invalid } from "../core/errors.ts";
import { emptyable, flag, list, metadata, required, text, timeRange } from "../core/params.ts";
import { newProduct } from "../entities/catalog.ts";
import { route } from "../http/router.ts";
import { inRange, PAGE, paginate } from "../store/list.ts";
import { mergeMetadata } from "./shared.ts";

const PRODUCT = {
  active: flag(),
  description: emptyable(text()),
  images: list(text()),
  metadata: metadata(),
  statement_descriptor: text(22),
  tax_code: emptyable(text()),
  unit_label: emptyable(text()),
  url: emptyable(text()),
};

const create = route("POST", "/v1/products", {
  ...PRODUCT,
  id: text(),
  name: required(text()),
}, ({ world, account, actor, params }) => {
  if (params.id !== undefined && account.products.find(params.id) !== undefined) {
    throw invalid(`Product already exists.`, { code: "resource_already_exists", param: "id" });
  }
  const product = newProduct({
    ...params,
    created: world.clock.now(),
    metadata: mergeMetadata({}, params.metadata),
  });
  account.products.add(product);
  world.emit(account, "product.created", product, actor);
  return product;
});

const retrieve = route(
  "GET",
  "/v1/products/:id",
  {},
  ({ account, ids }) => account.products.get(ids[0] ?? ""),
);

const update = route("POST", "/v1/products/:id", {
  ...PRODUCT,
  default_price: emptyable(text()),
  name: text(),
}, ({ world, account, actor, ids, params }) => {
  const product = account.products.get(ids[0] ?? "");
  if (typeof params.default_price === "string") {
    const price = account.prices.get(params.default_price, "default_price");
    if (price.product !== product.id || !price.active) {
      throw invalid("The default price is to be an active price of the product.", {
        param: "default_price",
      });
    }
  }
  world.change(account, "product.updated", product, actor, () => {
    Object.assign(product, params, {
      metadata: mergeMetadata(product.metadata, params.metadata),
      updated: world.clock.now(),
    });
  });
  return product;
});

const remove = route("DELETE", "/v1/products/:id", {}, ({ world, account, actor, ids }) => {
  const product = account.products.get(ids[0] ?? "");
  if (account.prices.all().some((price) => price.product === product.id)) {
    throw invalid(
      "This product cannot be deleted because it has one or more user-created prices.",
    );
  }
  account.products.remove(product.id);
  world.emit(account, "product.deleted", product, actor);
  return { id: product.id, object: "product", deleted: true };
});

const all = route("GET", "/v1/products", {
  ...PAGE,
  active: flag(),
  created: timeRange(),
  ids: list(text()),
}, ({ account, params }) => {
  const rows = account.products.all().filter((product) =>
    inRange(product.created, params.created) &&
    (params.active === undefined || product.active === params.active) &&
    (params.ids === undefined || params.ids.includes(product.id))
  );
  return paginate(rows, params, "/v1/products", "product");
});

export const productRoutes = [create, retrieve, update, remove, all];
