import * as z from "zod";
import { chargeStep, minimumCharge } from "../../shared/domain/currencies.ts";
import { count, currency, key, minorUnits, priceKey, stripeId, text } from "./primitives.ts";

export const organization = z.strictObject({
  key,
  name: text(200),
  /** Stripe Connect: the account that sells. Without it, the account that the secret key is of. */
  stripeAccount: stripeId("acct").nullable().default(null),
  /** The platform's share of each payment on a connected account, in hundredths of a percent. */
  applicationFeeBps: count(0, 10_000, "hundredths of a percent").default(0),
  /** Days for which a subscription that is past due keeps its features; null is as long as Stripe keeps it past due. */
  pastDueGraceDays: count(0, 365, "days").nullable().default(null),
  /** What an open dispute does to the features. */
  disputePolicy: z.enum(["keep", "suspend"]).default("keep"),
  /** Whether Stripe Tax says what is owed besides the price. */
  taxEnabled: z.boolean().default(false),
  /** Whether the users of the project's own Supabase Auth are its customers; at one organization of a mode. */
  authUsers: z.enum(["off", "users", "users_and_anonymous"]).default("off"),
}).refine((one) => one.applicationFeeBps === 0 || one.stripeAccount !== null, {
  path: ["applicationFeeBps"],
  message:
    "needs stripeAccount: Stripe takes an application fee on a connected account's charges only",
});

export const feature = z.strictObject({
  name: text(80),
  /**
   * `boolean`: a product has it or not. `limit`: it says how much, for the whole subscription; `perSeat`: how much for each of
   * its seats.
   */
  type: z.enum(["boolean", "limit", "perSeat"]),
});

/** How much of a feature a product grants: `true` of a boolean one, else a number or "unlimited". */
const grant = z.union(
  [z.literal(true), z.literal("unlimited"), z.number().int().min(0)],
  'must be true, a whole number, or "unlimited"',
);

/** Stripe allows at most three years between two invoices: https://docs.stripe.com/api/prices/create */
const longest = { day: 1095, week: 156, month: 36, year: 3 } as const;

const price = z.strictObject({
  currency,
  /** For one seat, in the currency's minor unit; 0 is free. It never changes at Stripe: a changed one is a new price there. */
  amount: minorUnits(0),
  interval: z.enum(["day", "week", "month", "year"]),
  intervalCount: z.number().int().min(1).default(1),
  /** Once for each customer and product. */
  trialDays: count(0, 730, "days").default(0),
  /** How many seats one subscription may have; a maximum of null is no bound. */
  seats: z.strictObject({
    min: z.number().int().min(1).default(1),
    max: z.number().int().min(1).nullable(),
  }).default({ min: 1, max: 1 }),
  /** A price that Stripe has already, to be used as long as it says the same. */
  stripeId: stripeId("price").optional(),
}).superRefine((one, context) => {
  const say = (path: string, message: string) =>
    context.addIssue({ code: "custom", path: [path], message });
  const most = longest[one.interval];
  if (one.intervalCount > most) {
    say(
      "intervalCount",
      `must be at most ${most} of ${one.interval}: Stripe bills every three years at least`,
    );
  }
  const step = chargeStep(one.currency);
  if (one.amount % step !== 0) {
    say("amount", `must be a multiple of ${step}: ${one.currency} is charged in these steps`);
  }
  const least = minimumCharge(one.currency);
  if (one.amount > 0 && one.amount * (one.seats.max ?? Infinity) < least) {
    say(
      "amount",
      `must be 0 or at least ${least}, the least that Stripe charges in ${one.currency}`,
    );
  }
  if (one.seats.max !== null && one.seats.max < one.seats.min) {
    say("seats", "max must not be below min");
  }
});

export const product = z.strictObject({
  name: text(250),
  description: text(5000).nullable().default(null),
  /** Whether a pricing page sets it off from the others. */
  highlighted: z.boolean().default(false),
  features: z.record(key, grant).default({}),
  prices: z.record(priceKey, price),
  /** A product that Stripe has already. */
  stripeId: stripeId("prod").optional(),
});
