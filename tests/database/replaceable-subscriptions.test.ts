import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { productsRead } from "../../shared/database/products.ts";
import { changesOf, EUROS, FREE, SCALE, SEATS } from "./changing.ts";
import {
  complete,
  MONTHLY,
  newToken,
  openDatabase,
  openSession,
  openShop,
  record,
  subscriptionFacts,
  YEARLY,
} from "./support.ts";

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);
const { begin, onFreePlan } = changesOf(service, keyDigest);
let user: string;
beforeEach(() => {
  user = randomUUID();
});

/** Buys a price as a new subscription, at Stripe where it costs something; answers its id. */
async function buy(priceId: string): Promise<string> {
  const session = await openSession(service, keyDigest, user, { p_price_id: priceId });
  await record(service, session, "succeeded");
  await complete(service, session, subscriptionFacts());
  const { id } = await owner.row<{ id: string }>(
    "select id from billing.subscriptions where checkout_session_id = $1",
    [session.sessionId],
  );
  return id;
}

async function told(planIds?: readonly string[]) {
  const answer = await service.call("read_products", {
    p_token_id: await newToken(service, keyDigest, user),
    p_livemode: false,
    ...(planIds === undefined ? {} : { p_product_ids: planIds }),
  });
  const read = productsRead.parse(answer);
  if (read.outcome !== "read") throw new Error(`read_products answers ${read.outcome}`);
  const prices = read.products.flatMap((product) => product.prices);
  return {
    names: read.subscriptions.map(({ productName }) => productName),
    subscriptions: read.subscriptions,
    changesTo: (priceId: string) => {
      const price = prices.find(({ id }) => id === priceId);
      if (price === undefined) throw new Error("the price is not told");
      return price.changes;
    },
  };
}
const retire = (name: string, sql: string) =>
  owner.rows(`update billing.products set active = ${sql} where name = $1`, [name]);

describe("what a purchase may take the place of", () => {
  it("is nothing for who has nothing, and no price says what may change to it", async () => {
    const { names, changesTo } = await told();
    expect(names).toEqual([]);
    expect(changesTo(MONTHLY)).toBeUndefined();
  });

  it("is each live subscription, the oldest first, where all products are asked for", async () => {
    await buy(SEATS);
    await buy(MONTHLY);
    expect((await told()).names).toEqual(["Team", "Pro"]);
    await owner.rows("update billing.subscriptions set status = 'canceled' where price_id = $1", [
      SEATS,
    ]);
    expect((await told()).names).toEqual(["Pro"]);
  });

  it.each([
    ["one of the products asked for, by key", ["pro", "scale"], ["Pro"]],
    ["one of the products asked for, by id", ["0b500000-0000-4000-8000-0000000000a4"], ["Team"]],
    ["none of the products asked for", ["scale"], []],
  ])(
    "is what is to %s: another product that is on sale is held beside it",
    async (_what, ids, names) => {
      await buy(SEATS);
      await buy(MONTHLY);
      expect((await told(ids)).names).toEqual(names);
    },
  );

  it("is also what is sold no more, since no choice of products shows it", async () => {
    await buy(SEATS);
    await retire("Team", "false");
    const hidden = (await told(["scale"])).names;
    await retire("Team", "true");
    await owner.rows("update billing.product_prices set active = false where id = $1", [SEATS]);
    const unpriced = (await told(["scale"])).names;
    await owner.rows("update billing.product_prices set active = true where id = $1", [SEATS]);
    expect([hidden, unpriced, (await told(["scale"])).names]).toEqual([["Team"], ["Team"], []]);
  });

  it("says of each whether Stripe bills it, and its seats", async () => {
    const free = await onFreePlan();
    user = free.user;
    await buy(SEATS);
    expect((await told()).subscriptions).toMatchObject([
      { id: free.subscriptionId, isFree: true, quantity: 1, productName: "Starter" },
      { isFree: false, priceId: SEATS },
    ]);
  });
});

/** What a change of the only subscription to each price is refused with. */
async function refusalsOf(subscriptionId: string, ...priceIds: readonly string[]) {
  const { changesTo } = await told();
  return priceIds.map((priceId) => {
    const changes = changesTo(priceId) ?? [];
    expect(changes).toMatchObject([{ subscriptionId }]);
    return changes[0]?.refusal?.code;
  });
}

/** The same where its row is set so. */
async function refusalsWhere(set: string, ...priceIds: readonly string[]) {
  const subscriptionId = await buy(MONTHLY);
  await owner.rows(`update billing.subscriptions set ${set} where id = $1`, [subscriptionId]);
  return refusalsOf(subscriptionId, ...priceIds);
}

describe("what create would say to each change", () => {
  it.each([
    ["to another price of its product", YEARLY, undefined],
    ["to another product", SCALE, undefined],
    ["to a free price", FREE, "change_to_free"],
    ["to the price that it has", MONTHLY, "already_on_price"],
    ["to a price in another currency", EUROS, "currency_mismatch"],
  ])("is what it says: %s", async (_what, priceId, code) => {
    const subscriptionId = await buy(MONTHLY);
    const [change, ...others] = (await told()).changesTo(priceId) ?? [];
    expect(others).toEqual([]);
    expect(change).toMatchObject({ subscriptionId });
    expect(change?.refusal?.code).toBe(code);
    const { outcome } = await begin({ user, subscriptionId }, priceId);
    expect(outcome).toBe(code ?? "created");
  });

  const NO = "change_unavailable";
  const AT_ITS_END = "cancel_at = current_period_end";
  it.each<[how: string, set: string, ...codes: (string | undefined)[]]>([
    ["is not collected for", "collection_paused = 'void'", NO, NO],
    ["has its invoices sent", "collection_method = 'send_invoice'", NO, NO],
    ["is on a schedule", "scheduled = true", NO, NO],
    ["waits for an update's payment", "pending_update_expires_at = now() + interval '1 h'", NO, NO],
    ["is to end within its period", "cancel_at = now() + interval '1 h'", NO, NO],
    ["is to end with its period, by its date", AT_ITS_END, undefined, NO],
    ["is to end with whatever period it has", `${AT_ITS_END}, cancel_at_period_end = true`],
    [
      "has a price that the catalogue lacks, which create asks about",
      `${AT_ITS_END}, stripe_price_id = 'price_unknown'`,
    ],
    ["was made by no application, on the platform's own account", "made_by_application = false"],
  ])("is what Stripe would say where it %s", async (_how, set, toSamePeriod, toAnotherPeriod) => {
    expect(await refusalsWhere(set, SCALE, YEARLY)).toEqual([toSamePeriod, toAnotherPeriod]);
  });

  it("counts a period of several months as another than one of one", async () => {
    const count = "update billing.product_prices set recurring_interval_count = $2 where id = $1";
    await owner.rows(count, [SCALE, 3]);
    const codes = await refusalsWhere(AT_ITS_END, SCALE);
    await owner.rows(count, [SCALE, 1]);
    expect(codes).toEqual([NO]);
  });

  it.each([["the merchant", false, NO], ["the platform", true, undefined]])(
    "is what Stripe would say where %s of a connected account has made it",
    async (_who, made, code) => {
      const subscriptionId = await buy(MONTHLY);
      await owner.rows("update billing.organizations set stripe_account_id = 'acct_connected'");
      await owner.rows(
        `update billing.subscriptions set stripe_account_id = 'acct_connected', made_by_application = $2 where id = $1`,
        [subscriptionId, made],
      );
      const codes = await refusalsOf(subscriptionId, SCALE);
      await owner.rows("update billing.organizations set stripe_account_id = null");
      expect(codes).toEqual([code]);
    },
  );

  it("is that a product is had otherwise, of every subscription but its own", async () => {
    const team = await buy(SEATS);
    const pro = await buy(MONTHLY);
    expect((await told()).changesTo(YEARLY)).toMatchObject([
      { subscriptionId: team, refusal: { code: "already_subscribed" } },
      { subscriptionId: pro },
    ]);
  });

  it("is said in create's sentence, and not where it passes by itself", async () => {
    const subscriptionId = await buy(MONTHLY);
    expect((await told()).changesTo(FREE)?.[0]?.refusal?.message)
      .toBe("A paid subscription does not change to a free price; cancel it instead.");
    const opened = await begin({ user, subscriptionId }, SCALE);
    await owner.rows(
      "update billing.subscription_changes set claimed_at = now() where checkout_session_id = $1",
      [opened.session.id],
    );
    expect((await begin({ user, subscriptionId }, YEARLY)).outcome).toBe("change_in_progress");
    expect((await told()).changesTo(YEARLY)).toEqual([{ subscriptionId }]);
  });
});
