/** What of a discount makes a coupon at Stripe. */
export interface CouponTerms {
  readonly code: string;
  readonly percentOff?: number | undefined;
  /** Minor units. */
  readonly amountOff?: number | undefined;
  readonly currency?: string | undefined;
  readonly duration: "once" | "repeating" | "forever";
  /** Of a repeating one. */
  readonly months?: number | undefined;
}

export interface WantedCoupon {
  /** The row's. */
  readonly discountId: string;
  readonly discount: CouponTerms;
  /** The one product that it is for; a subscription keeps its discount when it changes to another product's price. */
  readonly product: string | undefined;
}

/** Stripe's own limit on a coupon's name. */
const NAME_LENGTH = 40;

/** Says all that the coupon grants, so that two runs make one, and a discount that its owner changes has another. */
export function couponId({ discountId, discount, product }: WantedCoupon): string {
  const { percentOff, amountOff, currency, duration, months } = discount;
  const off = percentOff === undefined
    ? `${amountOff ?? 0}${currency ?? ""}`
    : `${Math.round(percentOff * 100)}bp`;
  const span = duration === "repeating" ? `${months ?? 0}m` : duration;
  return [discountId, off, span, ...(product === undefined ? [] : [product])].join("-");
}

/** The parameters that make it: https://docs.stripe.com/api/coupons/create */
export function couponOf(wanted: WantedCoupon) {
  const { discountId, discount, product } = wanted;
  return {
    id: couponId(wanted),
    name: discount.code.slice(0, NAME_LENGTH),
    duration: discount.duration,
    ...(discount.months === undefined ? {} : { duration_in_months: discount.months }),
    ...offOf(discount),
    ...(product === undefined ? {} : { applies_to: { products: [product] } }),
    metadata: { discount_id: discountId },
  };
}

function offOf({ percentOff, amountOff, currency }: CouponTerms) {
  if (percentOff !== undefined) return { percent_off: percentOff };
  if (amountOff === undefined || currency === undefined) {
    throw new Error("a discount is a percentage or an amount");
  }
  return { amount_off: amountOff, currency };
}
