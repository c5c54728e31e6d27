import type { CreateResponse } from "../../../shared/contract/create.ts";
import { keys } from "../../../scripts/keys.ts";
import { operatorEnvironment } from "../../../stack/operator-env.ts";
import { type Arena, openArena } from "../../chaos/arena.ts";
import { DAY } from "../../support/clock-stack.ts";
import { runCommand } from "../../support/command.ts";
import type { Shop } from "../../support/shop.ts";
import { takeBackup } from "./backup.ts";

/** A checkout and whose it is. */
export interface Bought {
  readonly user: string;
  readonly session: CreateResponse;
}
export interface Subscribed extends Bought {
  readonly stripeId: string;
}

/** What a test does in a shop, and sees of it, that needs no connection to the database: none outlives a restore. */
function customersOf(shop: Shop) {
  const { stripe } = shop;
  const opened = async (priceId = shop.pro.priceId): Promise<Bought> => {
    const user = crypto.randomUUID();
    return { user, session: await shop.create({ user, priceId }) };
  };
  /** All that Stripe has of a checkout, whatever became of it. */
  const subscriptionsOf = async ({ session }: Bought) => {
    const { data } = await stripe.subscriptions.list({ status: "all", limit: 100 });
    return data.filter(({ metadata }) => metadata["checkout_session_id"] === session.id);
  };
  const paid = async (one: Bought): Promise<Subscribed> => {
    await shop.pay(one.session);
    await shop.idle();
    return { ...one, stripeId: (await subscriptionsOf(one))[0]?.id ?? "" };
  };
  return {
    opened,
    paid,
    subscriptionsOf,
    bought: async () => paid(await opened()),
    featuresOf: async ({ user }: Bought): Promise<string[]> => {
      const { entitlements } = await shop.client.entitlements(await shop.token(user));
      return entitlements.map(({ featureKey }) => featureKey).toSorted();
    },
    /** Everything that was ever charged or given back, and every subscription, as Stripe has it. */
    books: async () => {
      const [charges, subscriptions] = await Promise.all([
        stripe.charges.list({ limit: 100 }),
        stripe.subscriptions.list({ status: "all", limit: 100 }),
      ]);
      return {
        charges: charges.data.map(({ id, amount, amount_refunded: back }) => [id, amount, back]),
        subscriptions: subscriptions.data.map(({ id, status, items }) => [
          id,
          status,
          items.data.map(({ price }) => price.id),
        ]),
      };
    },
  };
}

/** A shop of which a backup is taken, what happens before and after it, and the backup put back a day later. */
export async function tellStory() {
  const arena = await openArena();
  const shop = await arena.openShop();
  const scale = await shop.sell("Scale", { amount: 9900, trialDays: 14 });
  const max = await shop.sell("Max", { amount: 19900 });
  const ultra = await shop.sell("Ultra", { amount: 39900 });
  await shop.close();
  const env = operatorEnvironment(arena.stack);
  const { opened, paid, bought, ...seen } = customersOf(shop);
  const newKey = async () =>
    (await runCommand(keys, env, ["create", "--organization", shop.organizationId])).stdout.trim();

  const changeOf = async (one: Bought, { priceId }: typeof max): Promise<Bought> => ({
    user: one.user,
    session: await shop.client.create(await shop.token(one.user), {
      priceId,
      existingSubscriptionId: (await shop.status(one.session)).subscription?.id ?? "",
    }),
  });
  /** Somebody who is about to have another product. */
  const changing = async () => {
    const one = await bought();
    return { ...one, change: await changeOf(one, max) };
  };

  const renewed = await bought();
  const before = {
    changed: await changing(),
    // Twice each: the second time by a checkout that is forgotten.
    changedTwice: await changing(),
    changedTwiceLate: await changing(),
    upgraded: await bought(),
    renewed,
    canceled: await bought(),
    refunded: await bought(),
    disputed: await bought(),
    opened: await opened(),
    onTrial: await opened(scale.priceId),
    left: await opened(),
    key: await newKey(),
  };
  const backup = await takeBackup(arena);
  const after = await lifeGoesOn();
  const rightBooks = await seen.books();
  await backup.restore();
  await aDayLater(arena);
  return { ...seen, arena, shop, env, backup, before, after, rightBooks };

  async function lifeGoesOn() {
    const { stripe } = shop;
    await paid(before.opened);
    await paid(before.onTrial);
    for (const { change } of [before.changed, before.changedTwice, before.changedTwiceLate]) {
      await paid(change);
    }
    for (const one of [before.changedTwice, before.changedTwiceLate]) {
      await paid(await changeOf(one, ultra));
    }
    await stripe.subscriptions.cancel((await paid(before.left)).stripeId);
    const ended = await bought();
    const upgraded = await bought();
    for (const one of [before.upgraded, upgraded]) await paid(await changeOf(one, max));
    const since = {
      bought: await bought(),
      upgraded,
      ended,
      unfulfilled: await opened(),
      unpaid: await opened(),
      key: await newKey(),
      token: await shop.token(renewed.user),
    };
    await runCommand(keys, env, ["revoke", before.key.slice(0, 12)]);
    await stripe.subscriptions.cancel(ended.stripeId);
    await stripe.subscriptions.cancel(before.canceled.stripeId);
    await stripe.refunds.create({ payment_intent: before.refunded.session.paymentIntentId ?? "" });
    await shop.admin("POST", `/disputes/${before.disputed.session.paymentIntentId}/open`, {});
    await shop.idle();
    await shop.admin("POST", "/clock/advance", { seconds: 32 * DAY });
    await shop.idle();
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    await shop.admin("POST", "/faults", {
      kind: "error_before",
      method: "POST",
      path: "/v1/subscriptions",
      count: null,
    });
    await shop.pay(since.unfulfilled.session);
    await shop.admin("DELETE", "/faults");
    return since;
  }
}

/** For what makes sure that nothing is made twice: Stripe has forgotten its idempotency keys. */
async function aDayLater({ admin, tamper }: Arena): Promise<void> {
  await admin("POST", "/keys/forget");
  await tamper(
    "update billing.checkout_sessions set created_at = created_at - interval '25 hours'",
  );
  await tamper("update billing.customers set created_at = created_at - interval '25 hours'");
}

export type Story = Awaited<ReturnType<typeof tellStory>>;
