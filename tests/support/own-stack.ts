import { afterAll } from "vitest";
import { type Stack, startStack } from "../../stack/index.ts";
import type { Shop, ShopStack } from "./shop.ts";
import { expectStripesContract } from "./stripe-contract.ts";

/** Seconds. */
export const DAY = 86_400;

/** The part of a stack that a shop needs, of one that this process has started. */
export function shopStackOf(stack: Stack): ShopStack {
  return {
    ...stack.info,
    superuserUrl: stack.superuserUrl,
    stripeAdminUrl: stack.stripeAdminUrl ?? "",
    digestKey: Buffer.from(stack.digestKey).toString("base64url"),
  };
}

/**
 * A stack of one's own, for tests that move Stripe's clock: no other test's subscriptions should renew with it. Stopped
 * after the file, which fails if Stripe was spoken to in a way that its description does not allow.
 */
export async function openOwnStack(): Promise<
  { readonly stack: Stack; readonly shopStack: ShopStack }
> {
  const stack = await startStack();
  const shopStack = shopStackOf(stack);
  afterAll(async () => {
    try {
      await expectStripesContract(shopStack.stripeAdminUrl);
    } finally {
      await stack.stop();
    }
  });
  return { stack, shopStack };
}

/** Lets time pass at Stripe, until all that it had to tell was delivered. */
export async function letPass(shop: Pick<Shop, "admin" | "idle">, seconds: number): Promise<void> {
  await shop.admin("POST", "/clock/advance", { seconds });
  await shop.idle();
}

/** Ends the shop's subscriptions, so that they do not renew through all the time that the next test lets pass. */
export async function endAll(shop: Pick<Shop, "idle" | "onAccount" | "stripe">): Promise<void> {
  const { data } = await shop.stripe.subscriptions.list({ limit: 100 }, shop.onAccount);
  await Promise.all(
    data.map(({ id }) => shop.stripe.subscriptions.cancel(id, {}, shop.onAccount)),
  );
  await shop.idle();
}
