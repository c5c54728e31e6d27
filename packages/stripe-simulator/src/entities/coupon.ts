import { newId, randomToken } from "../core/ids.ts";
import type { Coupon, Discount } from "../store/types.ts";

export type NewCoupon = Pick<Coupon, "created" | "duration"> & Partial<Coupon>;

export function newCoupon(given: NewCoupon): Coupon {
  return {
    id: randomToken(8),
    object: "coupon",
    amount_off: null,
    currency: null,
    duration_in_months: null,
    livemode: false,
    max_redemptions: null,
    metadata: {},
    name: null,
    percent_off: null,
    redeem_by: null,
    times_redeemed: 0,
    valid: true,
    ...given,
  };
}

export interface NewDiscount {
  coupon: string;
  customer: string | null;
  end: number | null;
  start: number;
  subscription: string | null;
}

export function newDiscount(given: NewDiscount): Discount {
  const { coupon, ...rest } = given;
  return {
    ...rest,
    id: newId("di"),
    object: "discount",
    checkout_session: null,
    customer_account: null,
    invoice: null,
    invoice_item: null,
    promotion_code: null,
    source: { coupon, type: "coupon" },
    subscription_item: null,
  };
}
