import { couponId, type CouponTerms } from "../../shared/domain/coupon.ts";
import type { Catalogue } from "../define.ts";
import type { DatabaseState, DiscountRow, StripeState } from "../state.ts";
import { isOffered, type MatchedProduct } from "./products.ts";
import { changesOf, differs, NEW, type Step } from "./step.ts";

type Wanted = Catalogue["discounts"][string];

function rowOf(key: string, { code }: Wanted, rows: readonly DiscountRow[]) {
  return rows.find((row) => row.key === key) ??
    rows.filter((row) => row.key === null && row.code.toLowerCase() === code.toLowerCase())
      .toSorted((one, other) => Number(other.active) - Number(one.active))[0];
}

/**
 * A discount's row is the one of its key, or one without a key that customers know by its code. Those that end come first: another
 * may take over the code.
 */
export function discountSteps(
  { discounts }: Catalogue,
  products: readonly MatchedProduct[],
  { discounts: rows }: DatabaseState,
): Step[] {
  const kept = new Set<string>();
  const steps = Object.entries(discounts).flatMap(([key, wanted]): Step[] => {
    const row = rowOf(key, wanted, rows);
    if (row === undefined) return [{ on: "database", what: "discount", act: "create", key }];
    kept.add(row.id);
    const { product, expiresAt, ...terms } = wanted;
    const changes = changesOf(row, {
      key,
      ...terms,
      percentOff: terms.percentOff ?? null,
      amountOff: terms.amountOff ?? null,
      currency: terms.currency ?? null,
      months: terms.months ?? null,
      productId: product === undefined
        ? null
        : products.find((one) => one.key === product)?.row?.id ?? NEW,
      expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
      active: true,
    });
    return differs(changes)
      ? [{ on: "database", what: "discount", act: "update", key, id: row.id, changes }]
      : [];
  });
  const gone = rows.filter((row) => row.active && isOffered(row) && !kept.has(row.id));
  return [
    ...gone.map((row): Step => ({
      on: "database",
      what: "discount",
      act: "archive",
      key: row.key ?? row.code,
      id: row.id,
    })),
    ...steps,
  ];
}

/** The coupons that the file's discounts need at Stripe. One that is left is made again by the first checkout that takes it. */
export function couponSteps(
  { discounts }: Catalogue,
  products: readonly MatchedProduct[],
  { discounts: rows }: DatabaseState,
  { coupons }: StripeState,
): Step[] {
  return Object.entries(discounts).flatMap(([key, wanted]): Step[] => {
    const row = rowOf(key, wanted, rows);
    const product = wanted.product === undefined
      ? undefined
      : products.find((one) => one.key === wanted.product)?.atStripe?.id ?? NEW;
    const isThere = row !== undefined &&
      coupons.has(couponId({ discountId: row.id, discount: couponTerms(wanted), product }));
    return isThere ? [] : [{ on: "stripe", what: "coupon", act: "create", key }];
  });
}

export const couponTerms = (wanted: Wanted): CouponTerms => wanted;
