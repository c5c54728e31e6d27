import type { Client } from "pg";
import Stripe from "stripe";
import { couponOf } from "../shared/domain/coupon.ts";
import { onAccount } from "../shared/stripe/account.ts";
import { type Catalogue, CatalogueError } from "./define.ts";
import { readDatabase } from "./database/read.ts";
import { writeDatabase } from "./database/write.ts";
import type { StripeIds } from "./database/writer.ts";
import { couponTerms } from "./plan/discounts.ts";
import { due, type Plan, planOf } from "./plan/plan.ts";
import { render } from "./plan/render.ts";
import { type Step, waits } from "./plan/step.ts";
import {
  activatePrice,
  archivePrice,
  archiveProduct,
  makePrice,
  makeProduct,
  type Shelf,
  updateProduct,
} from "./stripe/make.ts";
import { readStripe } from "./stripe/read.ts";

/** Where a catalogue is compared and pushed: a database as the role postgres, and a Stripe account. */
export interface Place {
  readonly client: Client;
  readonly stripe: Stripe;
  /** Whether the Stripe key is of live mode. */
  readonly livemode: boolean;
  /** Told what is being done, a line each: each step waits for Stripe. */
  readonly progress: (line: string) => void;
}

/** @throws CatalogueError where the catalogue cannot be pushed there */
export async function compare(place: Place, catalogue: Catalogue) {
  const { client, stripe, livemode, progress } = place;
  const { key, stripeAccount } = catalogue.organization;
  const database = await readDatabase(client, key);
  const plan = planOf(
    catalogue,
    database,
    await readStripe(stripe, stripeAccount, progress),
    livemode,
  );
  if (plan.problems.length > 0) throw new CatalogueError(plan.problems);
  return { plan, database };
}

export interface Pushed {
  readonly done: readonly Step[];
  /** Left for a later push: checkouts are still open on it. */
  readonly left: readonly Step[];
}

/**
 * Makes Stripe and the database what the catalogue says. Stripe comes first, under keys that a second run finds again; then all
 * rows in one transaction; then what needs them: prices and products that are sold no more are archived, coupons made. Whatever is
 * not reached, the next push does. Pushes of one organization wait for each other, from the first look to the last archive.
 *
 * @throws CatalogueError where the catalogue cannot be pushed there; nothing was done
 */
export async function push(place: Place, catalogue: Catalogue): Promise<Pushed> {
  const lock = "hashtextextended('catalogue:' || $1, 0)";
  const values = [catalogue.organization.key];
  // The session's, since what comes last at Stripe comes after the commit; a connection that is lost gives it back.
  await place.client.query(`select pg_advisory_lock(${lock})`, values);
  try {
    return await pushAlone(place, catalogue);
  } finally {
    await place.client.query(`select pg_advisory_unlock(${lock})`, values).catch(() => undefined);
  }
}

async function pushAlone(place: Place, catalogue: Catalogue): Promise<Pushed> {
  const { client, livemode } = place;
  await client.query("begin");
  let compared;
  try {
    compared = await compare(place, catalogue);
    const ids = await makeAtStripe(place, catalogue, compared.plan);
    const { database, plan } = compared;
    await writeDatabase(client, catalogue, database, plan.steps, ids, livemode);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
  const before = due(compared.plan).filter((step) => !isLast(step));
  // Which checkouts are open is asked again: more of them may have begun before the rows said otherwise.
  const { plan } = before.length === 0 ? compared : await compare(place, catalogue);
  const last = due(plan).filter(isLast);
  await finishAtStripe(place, catalogue, plan, last);
  return { done: [...before, ...last], left: plan.steps.filter(waits) };
}

/** What a push does once the rows are there. */
const isLast = (step: Step): boolean =>
  step.on === "stripe" && (step.act === "archive" || step.what === "coupon");

const shelfOf = ({ stripe }: Place, { organization }: Catalogue): Shelf => ({
  stripe,
  account: organization.stripeAccount,
  organizationKey: organization.key,
});

async function makeAtStripe(
  place: Place,
  catalogue: Catalogue,
  plan: Plan,
): Promise<StripeIds> {
  const shelf = shelfOf(place, catalogue);
  const products = new Map(plan.products);
  const prices = new Map(plan.prices);
  for (const step of plan.steps) {
    if (step.on !== "stripe" || isLast(step)) continue;
    place.progress(render([step])[0] ?? "");
    if (step.what === "product" && step.act === "create") {
      products.set(step.key, await makeProduct(shelf, step));
    } else if (step.what === "product" && step.act === "update") {
      await updateProduct(shelf, step);
    } else if (step.what === "price" && step.act === "create") {
      prices.set(step.key, await makePrice(shelf, step, products.get(step.productKey) ?? ""));
    } else if (step.what === "price" && step.act === "update") {
      await activatePrice(shelf, step.id);
    }
  }
  return { products, prices, account: plan.account };
}

async function finishAtStripe(
  place: Place,
  catalogue: Catalogue,
  plan: Plan,
  steps: readonly Step[],
): Promise<void> {
  const shelf = shelfOf(place, catalogue);
  for (const step of steps) {
    if (step.on !== "stripe") continue;
    place.progress(render([step])[0] ?? "");
    if (step.what === "price" && step.act === "archive") {
      const successor = step.successor === null ? undefined : plan.prices.get(step.successor);
      await archivePrice(shelf, step, successor);
    } else if (step.what === "product" && step.act === "archive") {
      await archiveProduct(shelf, step.id);
    } else if (step.what === "coupon") {
      await makeCoupon(place, catalogue, plan, step.key);
    }
  }
}

/** Under an id that says all that it grants, which is one whoever makes it: the first checkout with the code would make the same. */
async function makeCoupon(
  { client, stripe }: Place,
  { organization, discounts }: Catalogue,
  plan: Plan,
  key: string,
): Promise<void> {
  const discount = discounts[key];
  const { rows: [row] } = await client.query<{ id: string }>(
    `select d.id from billing.discounts d join billing.organizations o on o.id = d.organization_id
     where o.key = $1 and d.key = $2`,
    [organization.key, key],
  );
  if (discount === undefined || row === undefined) return;
  const product = discount.product === undefined ? undefined : plan.products.get(discount.product);
  try {
    await stripe.coupons.create(
      couponOf({ discountId: row.id, discount: couponTerms(discount), product }),
      onAccount(organization.stripeAccount),
    );
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError) || error.code !== "resource_already_exists") {
      throw error;
    }
  }
}
