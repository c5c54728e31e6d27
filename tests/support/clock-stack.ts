import { stripeAdmin } from "@billingos/stripe-simulator/admin";
import { afterAll } from "vitest";
import * as z from "zod";
import { openShop as openShopOn, type Shop, type ShopOptions } from "./shop.ts";
import type { ShopStack } from "./shop-stack.ts";
import { clockStack } from "./stack.ts";
import { expectStripesContract } from "./stripe-contract.ts";

/** Seconds. */
export const DAY = 86_400;

/** Seconds after which the calendar is the same again, leap years too. */
const LEAP_CYCLE = 1_461 * DAY;

/**
 * This worker's second stack, for tests that move Stripe's clock: on the first, every other file's subscriptions would renew
 * with it. One file after the other has it, and each leaves nothing that renews. For each it is today, some leap years on: which
 * months follow does not depend on the file before.
 */
export async function openClockStack() {
  const stack = await clockStack();
  const ahead = await stripesNow(stack) - Date.now() / 1000;
  if (ahead > 60) {
    const seconds = Math.ceil(LEAP_CYCLE * Math.ceil(ahead / LEAP_CYCLE) - ahead);
    await stripeAdmin(stack.stripeAdminUrl, "POST", "/clock/advance", { seconds });
  }
  const shops: Shop[] = [];
  afterAll(async () => {
    for (const shop of shops) await endAll(shop);
    await Promise.all(shops.map((shop) => shop.close()));
    await expectStripesContract(stack.stripeAdminUrl);
  });
  return {
    stack,
    /** Closed after the file. */
    openShop: async (options: ShopOptions = {}): Promise<Shop> => {
      const shop = await openShopOn(stack, options);
      shops.push(shop);
      return shop;
    },
  };
}

const clock = z.object({ now: z.number() });

/** Stripe's clock, in Unix seconds. */
export async function stripesNow(
  { stripeAdminUrl }: Pick<ShopStack, "stripeAdminUrl">,
): Promise<number> {
  return clock.parse(await stripeAdmin(stripeAdminUrl, "GET", "/clock")).now;
}

/**
 * Lets time pass at Stripe, until all that it had to tell was delivered. Not in the midst of a fulfillment by a webhook, whose
 * idempotency keys Stripe would have forgotten between two of its calls.
 */
export async function letPass(shop: Pick<Shop, "admin" | "idle">, seconds: number): Promise<void> {
  await shop.idle();
  await shop.admin("POST", "/clock/advance", { seconds });
  await shop.idle();
}

/** Ends the shop's subscriptions, so that they do not renew through all the time that the next test lets pass. */
export async function endAll(shop: Pick<Shop, "idle" | "onAccount" | "stripe">): Promise<void> {
  const subscriptions = await shop.stripe.subscriptions.list({ limit: 100 }, shop.onAccount)
    .autoPagingToArray({ limit: 10_000 });
  await Promise.all(
    subscriptions.map(({ id }) => shop.stripe.subscriptions.cancel(id, {}, shop.onAccount)),
  );
  await shop.idle();
}
