import * as z from "zod";

/** What a thing is known by, in its organization. Keys are for good: what has another key is another thing. */
export const key = z.string().regex(
  /^[a-z][a-z0-9_.-]{0,63}$/,
  "a key is a lower-case letter, then at most 63 lower-case letters, digits, dots, dashes or underscores",
);
/** What an id of Postgres looks like: create takes a price's id or its key, so no key may be taken for one. */
export const priceKey = key.refine(
  (text) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text),
  "a price's key must not look like a UUID",
);
export const text = (longest: number) =>
  z.string().trim().min(1, "must not be empty").max(longest, `must have at most ${longest} letters`)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, "must not contain control characters");
export const count = (least: number, most: number, unit: string) => {
  const message = `must be a whole number of ${unit} from ${least} to ${most}`;
  return z.number(message).int(message).min(least, message).max(most, message);
};
export const stripeId = (kind: string) =>
  z.string().regex(new RegExp(`^${kind}_[A-Za-z0-9_]+$`), `must be an id of Stripe's: ${kind}_…`);
export const currency = z.string().regex(
  /^[a-z]{3}$/,
  "must be a currency's three lower-case letters, such as usd",
);
/** Stripe's own limit on an amount: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
export const minorUnits = (least: number) =>
  count(least, 999_999_999_999, "minor units (2900 is 29.00 usd)");
