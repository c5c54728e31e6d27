import { invalid } from "../core/errors.ts";
import { emptyable, flag, list, metadata, required, text } from "../core/params.ts";
import { newProduct } from "../entities/catalog.ts";
import { route } from "../http/router.ts";
import { mergeMetadata } from "./shared.ts";

const create = route("POST", "/v1/products", {
  active: flag(),
  description: emptyable(text()),
  images: list(text()),
  metadata: metadata(),
  statement_descriptor: text(22),
  tax_code: emptyable(text()),
  unit_label: emptyable(text()),
  url: emptyable(text()),
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

export const productRoutes = [create];
