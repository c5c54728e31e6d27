import * as z from "zod";
import { chargeStep } from "../../shared/domain/currencies.ts";
import { count, currency, key, minorUnits, text } from "./primitives.ts";

export const discount = z.strictObject({
  /** What a customer types; case does not matter. */
  code: text(100),
  percentOff: z.number().positive().max(100).multipleOf(0.01).optional(),
  /** Minor units. */
  amountOff: minorUnits(1).optional(),
  currency: currency.optional(),
  duration: z.enum(["once", "repeating", "forever"]),
  /** Of a repeating one. */
  months: count(1, 120, "months").optional(),
  /** The key of the one product that it is for. */
  product: key.optional(),
  firstTimeOnly: z.boolean().default(false),
  maxRedemptions: count(1, 2_147_483_647, "redemptions").nullable().default(null),
  /** RFC 3339, such as 2027-01-31T23:59:59Z. */
  expiresAt: z.iso.datetime({
    offset: true,
    message: "must be a time such as 2027-01-31T23:59:59Z",
  })
    .nullable().default(null),
}).superRefine((one, context) => {
  const say = (path: string, message: string) =>
    context.addIssue({ code: "custom", path: [path], message });
  if ((one.percentOff === undefined) === (one.amountOff === undefined)) {
    say("percentOff", "a discount has either percentOff or amountOff");
  }
  if ((one.amountOff === undefined) !== (one.currency === undefined)) {
    say("currency", "stands beside amountOff, and only there");
  }
  if (one.currency !== undefined && (one.amountOff ?? 0) % chargeStep(one.currency) !== 0) {
    say("amountOff", `must be a multiple of ${chargeStep(one.currency)} in ${one.currency}`);
  }
  if ((one.duration === "repeating") !== (one.months !== undefined)) {
    say("months", 'stands beside duration "repeating", and only there');
  }
});
