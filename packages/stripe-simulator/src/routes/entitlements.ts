import { invalid } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { flag, metadata, required, text } from "../core/params.ts";
import { route } from "../http/router.ts";
import { PAGE, paginate } from "../store/list.ts";
import type { Feature, ProductFeature } from "../store/types.ts";
import { mergeMetadata } from "./shared.ts";

const create = route("POST", "/v1/entitlements/features", {
  lookup_key: required(text(80)),
  metadata: metadata(),
  name: required(text(80)),
}, ({ account, params }) => {
  if (account.features.all().some((feature) => feature.lookup_key === params.lookup_key)) {
    throw invalid("A feature already uses that lookup key.", { param: "lookup_key" });
  }
  const feature: Feature = {
    id: newId("feat"),
    object: "entitlements.feature",
    active: true,
    livemode: false,
    lookup_key: params.lookup_key,
    metadata: mergeMetadata({}, params.metadata),
    name: params.name,
  };
  return account.features.add(feature);
});

const all = route("GET", "/v1/entitlements/features", {
  ...PAGE,
  archived: flag(),
  lookup_key: text(),
}, ({ account, params }) => {
  const rows = account.features.all().filter((feature) =>
    feature.active !== (params.archived ?? false) &&
    (params.lookup_key === undefined || feature.lookup_key === params.lookup_key)
  );
  return paginate(rows, params, "/v1/entitlements/features", "feature");
});

const attach = route("POST", "/v1/products/:id/features", {
  entitlement_feature: required(text()),
}, ({ account, ids, params }) => {
  const product = account.products.get(ids[0] ?? "");
  const attached: ProductFeature = {
    id: newId("prodft"),
    object: "product_feature",
    entitlement_feature: account.features.get(params.entitlement_feature, "entitlement_feature"),
    livemode: false,
  };
  account.productFeatures.set(product.id, [
    ...account.productFeatures.get(product.id) ?? [],
    attached,
  ]);
  return attached;
});

const attached = route("GET", "/v1/products/:id/features", PAGE, ({ account, ids, params }) => {
  const product = account.products.get(ids[0] ?? "");
  const rows = account.productFeatures.get(product.id) ?? [];
  return paginate(rows, params, `/v1/products/${product.id}/features`, "product_feature");
});

/** Features that Stripe grants by itself: https://docs.stripe.com/billing/entitlements */
export const entitlementRoutes = [create, all, attach, attached];
