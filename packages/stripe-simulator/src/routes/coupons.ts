import { invalid } from "../core/errors.ts";
import { checkCurrency } from "../core/money.ts";
import { choice, decimal, hash, integer, list, metadata, text, timeRange } from "../core/params.ts";
import { newCoupon } from "../entities/coupon.ts";
import { route } from "../http/router.ts";
import { inRange, PAGE, paginate } from "../store/list.ts";
import { mergeMetadata } from "./shared.ts";

const create = route("POST", "/v1/coupons", {
  amount_off: integer(1),
  applies_to: hash({ products: list(text()) }),
  currency: text(),
  duration: choice("forever", "once", "repeating"),
  duration_in_months: integer(1),
  id: text(500),
  max_redemptions: integer(1),
  metadata: metadata(),
  name: text(40),
  percent_off: decimal(0.01, 100),
  redeem_by: integer(),
}, ({ world, account, actor, params }) => {
  const { applies_to, ...fields } = params;
  const duration = params.duration ?? "once";
  if (params.id !== undefined && account.coupons.find(params.id) !== undefined) {
    throw invalid("Coupon already exists.", { code: "resource_already_exists", param: "id" });
  }
  if ((params.percent_off === undefined) === (params.amount_off === undefined)) {
    throw invalid("You must pass exactly one of: percent_off, amount_off.", {
      param: "percent_off",
    });
  }
  if (params.amount_off !== undefined && params.currency === undefined) {
    throw invalid("You must pass currency when passing amount_off", { param: "currency" });
  }
  if ((duration === "repeating") !== (params.duration_in_months !== undefined)) {
    throw invalid(
      "duration_in_months must be passed when duration is repeating, and only then.",
      { param: "duration_in_months" },
    );
  }
  if (params.redeem_by !== undefined && params.redeem_by <= world.clock.now()) {
    throw invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", {
      param: "redeem_by",
    });
  }
  for (const [index, product] of (applies_to?.products ?? []).entries()) {
    account.products.get(product, `applies_to[products][${index}]`);
  }
  const coupon = newCoupon({
    ...fields,
    created: world.clock.now(),
    currency: params.amount_off === undefined ? null : checkCurrency(params.currency ?? ""),
    duration,
    metadata: mergeMetadata({}, params.metadata),
  });
  account.coupons.add(coupon);
  if (applies_to?.products !== undefined) {
    account.couponProducts.set(coupon.id, applies_to.products);
  }
  world.emit(account, "coupon.created", coupon, actor);
  return coupon;
});

const remove = route("DELETE", "/v1/coupons/:id", {}, ({ world, account, actor, ids }) => {
  const coupon = account.coupons.get(ids[0] ?? "");
  account.coupons.remove(coupon.id);
  world.emit(account, "coupon.deleted", coupon, actor);
  return { id: coupon.id, object: "coupon", deleted: true };
});

const all = route("GET", "/v1/coupons", { ...PAGE, created: timeRange() }, (call) => {
  const rows = call.account.coupons.all().filter((coupon) =>
    inRange(coupon.created, call.params.created)
  );
  return paginate(rows, call.params, "/v1/coupons", "coupon");
});

export const couponRoutes = [create, remove, all];
