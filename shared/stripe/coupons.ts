import type Stripe from "stripe";
import type { FrozenDiscount } from "../domain/sessions.ts";
import { couponId, couponOf, type WantedCoupon } from "../domain/coupon.ts";
import { isMissing, StripeRefusal } from "./errors.ts";
import { type Account, onAccount } from "./account.ts";
import { read } from "./write.ts";

/** Whose discount Stripe is to take off: a session's, or a paid session's plan. */
export interface DiscountedSession {
  readonly discountId: string | null;
  readonly discount: FrozenDiscount | null;
  /** Of the session's price; needed where the discount is for its product alone. */
  readonly stripeProductId: string | null;
  readonly stripeAccountId: Account;
}

function wantedBy({ discountId, discount, stripeProductId }: DiscountedSession) {
  if (discountId === null || discount === null) return undefined;
  if (discount.productBound !== true) return { discountId, discount, product: undefined };
  if (stripeProductId === null) throw new Error(`discount ${discountId} without its product`);
  return { discountId, discount, product: stripeProductId };
}

/** The calls about coupons: Stripe's form of an organization's discounts. */
export interface Coupons {
  /** Runs what takes a session's coupon; one that Stripe does not have (any more) is made first. */
  use<T>(
    session: DiscountedSession,
    run: (couponId: string | undefined) => Promise<T>,
  ): Promise<T>;
}

export function coupons(stripe: Stripe): Coupons {
  /**
   * No idempotency key: the coupon's id is one, and under a key Stripe would answer for a day that it has made a coupon which
   * was deleted since.
   */
  const make = async (wanted: WantedCoupon, account: Account): Promise<void> => {
    try {
      await read(() => stripe.coupons.create(couponOf(wanted), onAccount(account)));
    } catch (error) {
      if (!isThere(error)) throw error;
    }
  };

  return {
    async use(session, run) {
      const wanted = wantedBy(session);
      if (wanted === undefined) return run(undefined);
      const id = couponId(wanted);
      try {
        return await run(id);
      } catch (error) {
        if (!isCouponMissing(error)) throw error;
        await make(wanted, session.stripeAccountId);
        return run(id);
      }
    },
  };
}

const isThere = (error: unknown) =>
  error instanceof StripeRefusal && error.stripeCode === "resource_already_exists";

/** The documentation does not say which of the two names the parameter has. */
const isCouponMissing = (error: unknown): boolean =>
  isMissing(error) && /coupon|discount/.test(error.param);
