import * as z from "zod";
import { chargeStep, minimumCharge } from "../shared/domain/currencies.ts";

/**
 * A catalogue as it is written in `billing.catalogue.ts`: an organization with its settings, features, products, prices and
 * discounts, each under a key of its own. Keys are for good: what has another key is another thing.
 */
const key = z.string().regex(
  /^[a-z][a-z0-9_.-]{0,63}$/,
  "a key is a lower-case letter, then at most 63 lower-case letters, digits, dots, dashes or underscores",
);
/** What an id of Postgres looks like: create takes a price's id or its key, so no key may be taken for one. */
const priceKey = key.refine(
  (text) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text),
  "a price's key must not look like a UUID",
);
const text = (longest: number) =>
  z.string().trim().min(1, "must not be empty").max(longest, `must have at most ${longest} letters`)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, "must not contain control characters");
const count = (least: number, most: number, unit: string) => {
  const message = `must be a whole number of ${unit} from ${least} to ${most}`;
  return z.number(message).int(message).min(least, message).max(most, message);
};
const stripeId = (kind: string) =>
  z.string().regex(new RegExp(`^${kind}_[A-Za-z0-9_]+$`), `must be an id of Stripe's: ${kind}_…`);
const currency = z.string().regex(
  /^[a-z]{3}$/,
  "must be a currency's three lower-case letters, such as usd",
);
/** Stripe's own limit on an amount: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
const minorUnits = (least: number) =>
  count(least, 999_999_999_999, "minor units (2900 is 29.00 usd)");

const organization = z.strictObject({
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
}).refine((one) => one.applicationFeeBps === 0 || one.stripeAccount !== null, {
  path: ["applicationFeeBps"],
  message:
    "needs stripeAccount: Stripe takes an application fee on a connected account's charges only",
});

const feature = z.strictObject({
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

const product = z.strictObject({
  name: text(250),
  description: text(5000).nullable().default(null),
  /** Whether a pricing page sets it off from the others. */
  highlighted: z.boolean().default(false),
  features: z.record(key, grant).default({}),
  prices: z.record(priceKey, price),
  /** A product that Stripe has already. */
  stripeId: stripeId("prod").optional(),
});

const discount = z.strictObject({
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

const written = z.strictObject({
  organization,
  features: z.record(key, feature).default({}),
  products: z.record(key, product).default({}),
  discounts: z.record(key, discount).default({}),
}).superRefine(({ features, products, discounts }, context) => {
  const say = (path: string[], message: string) =>
    context.addIssue({ code: "custom", path, message });
  const priceOf = new Map<string, string>();
  for (const [productKey, one] of Object.entries(products)) {
    for (const [name, granted] of Object.entries(one.features)) {
      const at = ["products", productKey, "features", name];
      const type = features[name]?.type;
      if (type === undefined) say(at, `is no feature of this file: add ${name} under features`);
      else if ((type === "boolean") !== (granted === true)) {
        say(
          at,
          type === "boolean"
            ? "is boolean: write true, or leave it out"
            : 'needs a number or "unlimited"',
        );
      }
    }
    for (const name of Object.keys(one.prices)) {
      const other = priceOf.get(name);
      if (other !== undefined) {
        say(
          ["products", productKey, "prices", name],
          `is a price of ${other} too: each price has a key of its own`,
        );
      }
      priceOf.set(name, productKey);
    }
  }
  const codes = new Map<string, string>();
  for (const [name, { code, product: of }] of Object.entries(discounts)) {
    if (of !== undefined && products[of] === undefined) {
      say(["discounts", name, "product"], `${of} is no product of this file`);
    }
    const other = codes.get(code.toLowerCase());
    if (other !== undefined) say(["discounts", name, "code"], `is the code of ${other} too`);
    codes.set(code.toLowerCase(), name);
  }
});

/** What `defineCatalogue` takes. */
export type CatalogueInput = z.input<typeof written>;
/** A catalogue that holds together, with every setting said. */
export type Catalogue = z.output<typeof written>;

/** The catalogue, or the operator's words, cannot be used; nothing was done. Each sentence names the setting and what it needs. */
export class CatalogueError extends Error {
  readonly sentences: readonly string[];

  constructor(sentences: readonly string[]) {
    super(sentences.join("\n"));
    this.name = "CatalogueError";
    this.sentences = sentences;
  }
}

/** Throws CatalogueError with a sentence for each thing that is wrong. */
export function readCatalogue(input: unknown): Catalogue {
  const read = written.safeParse(input);
  if (read.success) return read.data;
  throw new CatalogueError(read.error.issues.map(sentenceOf));
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  const at = issue.path.length === 0 ? "the catalogue" : issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return `${at}: ${issue.keys.join(", ")} is no setting; take it out, or mend its spelling`;
  }
  const { message } = issue.code === "invalid_key" ? issue.issues[0] ?? issue : issue;
  return `${at}: ${message}`;
}

/**
 * The catalogue of one organization, for `npm run catalogue`. Write it in a file of its own and make it the default export.
 *
 * @throws CatalogueError naming each setting that is wrong
 */
export const defineCatalogue = (catalogue: CatalogueInput): Catalogue => readCatalogue(catalogue);
