import type Stripe from "stripe";
import type { FrozenDiscount, FulfilmentPlan } from "../database/rows.ts";
import type { LaterDiscount } from "../domain/later-discount.ts";
import { StripeRefusal } from "./errors.ts";
import { type Account, onAccount } from "./payment-intents.ts";
import { read, writeOrRefuse } from "./write.ts";

/** Stripe's own limit on a coupon's name. */
const NAME_LENGTH = 40;

/** The calls about coupons: Stripe's form of what is left of a discount. */
export function coupons(stripe: Stripe) {
  const find = async (id: string, account: Account): Promise<Stripe.Coupon | undefined> => {
    try {
      return await read(() => stripe.coupons.retrieve(id, {}, onAccount(account)));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };

  const productOf = async (stripePriceId: string, account: Account): Promise<string> => {
    const { product } = await read(() =>
      stripe.prices.retrieve(stripePriceId, {}, onAccount(account))
    );
    return typeof product === "string" ? product : product.id;
  };

  return {
    /**
     * The coupon for what is left of a session's discount, found or made. Its id says all that it grants, so two runs
     * make one, and a discount that its owner has changed has another.
     */
    async findOrCreate(
      { discount, discountId, stripePriceId, stripeAccountId }: FulfilmentPlan,
      later: LaterDiscount,
    ): Promise<string> {
      if (discount === null || discountId === null) throw new Error("the session has no discount");
      // A subscription keeps its discount when it changes to another product's price.
      const product = discount.productBound === true
        ? await productOf(stripePriceId, stripeAccountId)
        : undefined;
      const id = couponId(discountId, discount, later, product);
      const months = later.duration === "repeating" ? { duration_in_months: later.months } : {};
      const parameters: Stripe.CouponCreateParams = {
        id,
        name: discount.code.slice(0, NAME_LENGTH),
        duration: later.duration,
        ...months,
        ...offOf(discount),
        ...(product === undefined ? {} : { applies_to: { products: [product] } }),
        metadata: { discount_id: discountId },
      };
      if (await find(id, stripeAccountId) === undefined) {
        await writeOrRefuse<Stripe.Coupon>({
          idempotencyKey: `coupon:${id}`,
          run: (key) =>
            stripe.coupons.create(parameters, {
              ...onAccount(stripeAccountId),
              idempotencyKey: key,
            }),
          find: () => find(id, stripeAccountId),
        });
      }
      return id;
    },
  };
}

export type Coupons = ReturnType<typeof coupons>;

const isMissing = (error: unknown) =>
  error instanceof StripeRefusal && error.stripeCode === "resource_missing";

function offOf({ percentOff, amountOff, currency }: FrozenDiscount) {
  if (percentOff !== undefined) return { percent_off: percentOff };
  if (amountOff === undefined || currency === undefined) {
    throw new Error("a discount is a percentage or an amount");
  }
  return { amount_off: amountOff, currency };
}

function couponId(
  discountId: string,
  discount: FrozenDiscount,
  later: LaterDiscount,
  product: string | undefined,
): string {
  const { percentOff, amountOff, currency } = discount;
  const off = percentOff === undefined
    ? `${amountOff ?? 0}${currency ?? ""}`
    : `${Math.round(percentOff * 100)}bp`;
  const span = later.duration === "repeating" ? `${later.months}m` : later.duration;
  return [discountId, off, span, ...(product === undefined ? [] : [product])].join("-");
}
