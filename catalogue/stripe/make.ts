import { createHash } from "node:crypto";
import type Stripe from "stripe";
import { type Account, onAccount } from "../../shared/stripe/account.ts";
import { write } from "../../shared/stripe/write.ts";
import type { StepOf } from "../plan/step.ts";
import { lookupKeyOf, METADATA } from "../state.ts";
import { soldOrArchived } from "./read.ts";

/** Where the objects of a push are made. */
export interface Shelf {
  readonly stripe: Stripe;
  readonly account: Account;
  readonly organizationKey: string;
}

/**
 * The key that shared/stripe/idempotency.ts makes, whose base64url Node 20 cannot run (`ArrayBuffer.transfer`). Nothing in it is read
 * from a clock, so that a push that is run again asks the same.
 */
function idempotencyKey(action: string, object: string, parameters: object): string {
  const hash = createHash("sha256").update(JSON.stringify(parameters)).digest("base64url");
  return `${action}:${object}:${hash.slice(0, 22)}`;
}

/**
 * Makes a product, once: the idempotency key says what is made and in the place of what, so that two pushes make one, and what
 * was deleted at Stripe is made anew.
 *
 * @returns Stripe's id
 */
export async function makeProduct(
  { stripe, account, organizationKey }: Shelf,
  { key, name, description, replaces }: StepOf<"stripe", "product", "create">,
): Promise<string> {
  const parameters: Stripe.ProductCreateParams = {
    name,
    ...(description === null ? {} : { description }),
    metadata: { [METADATA.organization]: organizationKey, [METADATA.product]: key },
  };
  const { id } = await write({
    account,
    idempotencyKey: idempotencyKey("catalogue_product", `${organizationKey}:${key}`, {
      parameters,
      replaces,
    }),
    run: (keyed) => stripe.products.create(parameters, keyed),
    find: async () => {
      const all = soldOrArchived((page) => stripe.products.list(page, onAccount(account)));
      for await (const one of all) {
        const { [METADATA.organization]: organization, [METADATA.product]: product } = one.metadata;
        if (organization === organizationKey && product === key && one.id !== replaces) return one;
      }
      return undefined;
    },
  });
  return id;
}

/**
 * Makes a price, once, which takes the lookup key from the one that it replaces in the same call
 * (https://docs.stripe.com/products-prices/manage-prices#lookup-keys).
 *
 * @returns Stripe's id
 */
export async function makePrice(
  { stripe, account, organizationKey }: Shelf,
  { key, terms, replaces }: StepOf<"stripe", "price", "create">,
  product: string,
): Promise<string> {
  const lookupKey = lookupKeyOf(organizationKey, key);
  const parameters: Stripe.PriceCreateParams & { readonly lookup_key: string } = {
    product,
    currency: terms.currency,
    unit_amount: terms.unitAmount,
    // Stripe Tax adds to it, as the checkout does to the first period.
    tax_behavior: "exclusive",
    recurring: { interval: intervalOf(terms.interval), interval_count: terms.intervalCount },
    lookup_key: lookupKey,
    transfer_lookup_key: true,
    metadata: { [METADATA.organization]: organizationKey, [METADATA.price]: key },
  };
  const { id } = await write({
    account,
    idempotencyKey: idempotencyKey("catalogue_price", lookupKey, { parameters, replaces }),
    run: (keyed) => stripe.prices.create(parameters, keyed),
    find: async () => {
      const all = soldOrArchived((page) =>
        stripe.prices.list({ ...page, lookup_keys: [lookupKey] }, onAccount(account))
      );
      for await (const holder of all) if (holder.id !== replaces) return holder;
      return undefined;
    },
  });
  return id;
}

function intervalOf(interval: string): Stripe.PriceCreateParams.Recurring.Interval {
  switch (interval) {
    case "day":
    case "week":
    case "month":
    case "year":
      return interval;
    default:
      throw new Error(`Stripe bills no ${interval}`);
  }
}

export async function updateProduct(
  { stripe, account }: Shelf,
  { id, changes }: StepOf<"stripe", "product", "update">,
): Promise<void> {
  const to = Object.fromEntries(
    // An empty text takes a description away.
    Object.entries(changes).map(([field, { to: wanted }]) => [field, wanted ?? ""]),
  );
  await stripe.products.update(id, to, onAccount(account));
}

export async function activatePrice({ stripe, account }: Shelf, id: string): Promise<void> {
  await stripe.prices.update(id, { active: true }, onAccount(account));
}

/**
 * Stripe refuses to archive the default price of a product; another is made the default first, or none
 * (stripe/stripe-python, issue 658).
 */
export async function archivePrice(
  { stripe, account }: Shelf,
  { id, productId, isDefault }: StepOf<"stripe", "price", "archive">,
  successor: string | undefined,
): Promise<void> {
  if (isDefault) {
    await stripe.products.update(
      productId,
      { default_price: successor ?? "" },
      onAccount(account),
    );
  }
  await stripe.prices.update(id, { active: false }, onAccount(account));
}

export async function archiveProduct({ stripe, account }: Shelf, id: string): Promise<void> {
  await stripe.products.update(id, { active: false }, onAccount(account));
}
