import type Stripe from "stripe";
import type { FrozenDiscount } from "../database/sessions.ts";
import { present } from "../runtime/present.ts";
import { isMissing, StripeRefusal } from "./errors.ts";
import { type Account, onAccount } from "./account.ts";
import { read } from "./write.ts";

/** Stripe's own limit on a coupon's name. */
const NAME_LENGTH = 40;

/** Whose discount Stripe is to take off: a session's, or a paid session's plan. */
export interface DiscountedSession {
  readonly discountId: string | null;
  readonly discount: FrozenDiscount | null;
  /** Of the session's price; needed where the discount is for its product alone. */
  readonly stripeProductId: string | null;
  readonly stripeAccountId: Account;
}

interface WantedCoupon {
  readonly discountId: string;
  readonly discount: FrozenDiscount;
  /** The one product that it is for; a subscription keeps its discount when it changes to another product's price. */
  readonly product: string | undefined;
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
    const { discountId, discount, product } = wanted;
    const parameters: Stripe.CouponCreateParams = {
      id: couponId(wanted),
      name: discount.code.slice(0, NAME_LENGTH),
      duration: discount.duration,
      ...present({ duration_in_months: discount.months }),
      ...offOf(discount),
      ...(product === undefined ? {} : { applies_to: { products: [product] } }),
      metadata: { discount_id: discountId },
    };
    try {
      await read(() => stripe.coupons.create(parameters, onAccount(account)));
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

function offOf({ percentOff, amountOff, currency }: FrozenDiscount) {
  if (percentOff !== undefined) return { percent_off: percentOff };
  if (amountOff === undefined || currency === undefined) {
    throw new Error("a discount is a percentage or an amount");
  }
  return { amount_off: amountOff, currency };
}

/** Says all that the coupon grants, so that two runs make one, and a discount that its owner changes has another. */
function couponId({ discountId, discount, product }: WantedCoupon): string {
  const { percentOff, amountOff, currency, duration, months } = discount;
  const off = percentOff === undefined
    ? `${amountOff ?? 0}${currency ?? ""}`
    : `${Math.round(percentOff * 100)}bp`;
  const span = duration === "repeating" ? `${months ?? 0}m` : duration;
  return [discountId, off, span, ...(product === undefined ? [] : [product])].join("-");
}
