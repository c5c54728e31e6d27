import { roundTo, stepOf } from "../core/currencies.ts";
import { addIntervals } from "../core/dates.ts";
import { invalid, noSuch } from "../core/errors.ts";
import { distribute } from "../core/shares.ts";
import { newDiscount } from "../entities/coupon.ts";
import type { DiscountAmount, LineDraft } from "../entities/invoice-line.ts";
import type { Account } from "../store/account.ts";
import type { Coupon, Discount, Subscription } from "../store/types.ts";
import type { Context } from "./context.ts";

/** A discount with what its coupon says. */
export interface Applied {
  discount: Discount;
  coupon: Coupon;
  /** The products that it is for; null for all. */
  products: readonly string[] | null;
}

export interface GivenDiscount {
  coupon?: string;
  discount?: string;
}

function couponOf(account: Account, discount: Discount): Coupon | undefined {
  return account.redeemedCoupons.get(discount.id);
}

/** The discounts of these ids that still hold at an instant. */
export function discountsAt(account: Account, ids: readonly string[], at: number): Applied[] {
  return ids.flatMap((id) => {
    const discount = account.discounts.find(id);
    const coupon = discount === undefined ? undefined : couponOf(account, discount);
    if (discount === undefined || coupon === undefined) return [];
    if (discount.end !== null && discount.end <= at) return [];
    return [{ discount, coupon, products: account.couponProducts.get(coupon.id) ?? null }];
  });
}

/** What discounts take off each of some lines, one after the other; a line never goes below zero. */
export function discountLines(
  lines: readonly Pick<LineDraft, "amount" | "currency" | "discountable" | "pricing">[],
  discounts: readonly Applied[],
): DiscountAmount[][] {
  const left = lines.map((line) => (line.discountable ? Math.max(0, line.amount) : 0));
  const taken = lines.map((): DiscountAmount[] => []);
  const currency = lines[0]?.currency ?? "";
  for (const { discount, coupon, products } of discounts) {
    const bases = left.map((amount, index) => {
      const product = lines[index]?.pricing?.price_details?.product ?? "";
      return products === null || products.includes(product) ? amount : 0;
    });
    const base = bases.reduce((all, amount) => all + amount, 0);
    const off = coupon.percent_off === null
      ? Math.min(coupon.amount_off ?? 0, base)
      // Hundredths of a percent are whole numbers: no binary fraction moves a half.
      : roundTo((base * Math.round(coupon.percent_off * 100)) / 10_000, currency);
    const step = stepOf(currency);
    for (const [index, steps] of distribute(Math.round(off / step), bases).entries()) {
      const amount = steps * step;
      left[index] = (left[index] ?? 0) - amount;
      if (amount > 0) taken[index]?.push({ discount: discount.id, amount });
    }
  }
  return taken;
}

/** Refuses a coupon that cannot be redeemed now for this currency and these products. */
function checkCoupon(
  { world, account }: Context,
  id: string,
  param: string,
  currency: string,
): Coupon {
  const coupon = account.coupons.find(id);
  if (coupon === undefined) throw noSuch("coupon", id, param);
  const details = { code: "coupon_expired", param };
  if (coupon.redeem_by !== null && coupon.redeem_by <= world.clock.now()) {
    throw invalid(`Coupon ${id} is expired and cannot be applied.`, details);
  }
  if (coupon.max_redemptions !== null && coupon.times_redeemed >= coupon.max_redemptions) {
    throw invalid(`Coupon ${id} is used up and cannot be applied.`, details);
  }
  if (coupon.currency !== null && coupon.currency !== currency) {
    throw invalid(
      `The coupon's currency (\`${coupon.currency}\`) does not match the expected currency: \`${currency}\`.`,
      { param },
    );
  }
  return coupon;
}

function endOf(now: number, coupon: Coupon): number | null {
  return coupon.duration === "repeating"
    ? addIntervals(now, "month", coupon.duration_in_months ?? 1)
    : null;
}

function applied(context: Context, coupon: Coupon, subscription: Subscription | null): Applied {
  const { world, account } = context;
  const now = world.clock.now();
  const discount = newDiscount({
    coupon: coupon.id,
    customer: subscription?.customer ?? null,
    end: endOf(now, coupon),
    start: now,
    subscription: subscription?.id ?? null,
  });
  return {
    discount,
    coupon: structuredClone(coupon),
    products: account.couponProducts.get(coupon.id) ?? null,
  };
}

/** The discounts that a preview asks for; nothing is kept of them. */
export function previewDiscounts(
  context: Context,
  given: readonly GivenDiscount[],
  subscription: Pick<Subscription, "currency">,
): Applied[] {
  const { account, world } = context;
  return given.flatMap((one, index) => {
    if (one.discount !== undefined) {
      const { id } = account.discounts.get(one.discount, `discounts[${index}][discount]`);
      return discountsAt(account, [id], world.clock.now());
    }
    const param = `discounts[${index}][coupon]`;
    const coupon = checkCoupon(context, one.coupon ?? "", param, subscription.currency);
    return [applied(context, coupon, null)];
  });
}

/** Puts discounts in the place of those that a subscription has. */
export function setDiscounts(
  context: Context,
  subscription: Subscription,
  given: readonly GivenDiscount[],
): void {
  const kept = new Set(given.flatMap((one) => one.discount ?? []));
  for (const id of kept) {
    if (!subscription.discounts.includes(id)) throw noSuch("discount", id, "discounts");
  }
  const coupons = given.flatMap((one, index) =>
    one.coupon === undefined
      ? []
      : [checkCoupon(context, one.coupon, `discounts[${index}][coupon]`, subscription.currency)]
  );
  for (const id of subscription.discounts) {
    if (!kept.has(id)) removeDiscount(context, subscription, id);
  }
  for (const coupon of coupons) addDiscount(context, subscription, coupon);
}

function addDiscount(context: Context, subscription: Subscription, coupon: Coupon): void {
  const { world, account, actor } = context;
  const { discount, coupon: frozen } = applied(context, coupon, subscription);
  account.discounts.add(discount);
  // A coupon that is deleted later goes on for those who have it.
  account.redeemedCoupons.set(discount.id, frozen);
  coupon.times_redeemed += 1;
  coupon.valid = coupon.max_redemptions === null || coupon.times_redeemed < coupon.max_redemptions;
  subscription.discounts = [...subscription.discounts, discount.id];
  world.emit(account, "customer.discount.created", discount, actor);
}

/** Takes back what a subscription that came to nothing had redeemed. */
export function unredeem({ account }: Context, subscription: Subscription): void {
  for (const { id, subscription: owner } of account.discounts.all()) {
    if (owner !== subscription.id) continue;
    const coupon = account.coupons.find(account.redeemedCoupons.get(id)?.id ?? "");
    if (coupon === undefined) continue;
    coupon.times_redeemed -= 1;
    coupon.valid = true;
  }
}

function removeDiscount(context: Context, subscription: Subscription, id: string): void {
  const { world, account, actor } = context;
  subscription.discounts = subscription.discounts.filter((one) => one !== id);
  const discount = account.discounts.find(id);
  if (discount !== undefined) world.emit(account, "customer.discount.deleted", discount, actor);
}

/** Takes off a subscription what ran out, and what was for one invoice that it has now been on. */
export function retireDiscounts(
  context: Context,
  subscription: Subscription,
  used: ReadonlySet<string>,
): void {
  const { world, account } = context;
  const live = discountsAt(account, subscription.discounts, world.clock.now());
  for (const id of subscription.discounts) {
    const found = live.find((one) => one.discount.id === id);
    const done = found?.coupon.duration === "once" && used.has(id);
    if (found === undefined || done) removeDiscount(context, subscription, id);
  }
}
