import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { productsResponse } from "../../shared/contract/products.ts";
import { productsRead as rowsRead } from "../../shared/database/products.ts";
import {
  complete,
  MONTHLY,
  newToken,
  openDatabase,
  openSession,
  openShop,
  PRO_PRODUCT,
  record,
  YEARLY,
} from "./support.ts";

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);
const SCALE = "0b500000-0000-4000-8000-0000000000a3";
let user: string;
beforeEach(() => {
  user = randomUUID();
});

const call = (tokenId: string, productIds?: readonly string[], livemode = false) =>
  service.call("read_products", {
    p_token_id: tokenId,
    p_livemode: livemode,
    ...(productIds === undefined ? {} : { p_product_ids: productIds }),
  });
async function read(productIds?: readonly string[], key = keyDigest) {
  const answer = await call(await newToken(service, key, user), productIds);
  expect(answer.outcome).toBe("read");
  const parsed = rowsRead.parse(answer);
  if (parsed.outcome !== "read") throw new Error("it is not told");
  const { outcome: _outcome, ...told } = parsed;
  return productsResponse.parse(told);
}
async function pro() {
  const [product] = (await read([PRO_PRODUCT])).products;
  if (product === undefined) throw new Error("Pro is not told");
  return product;
}
async function seatsOf(key: string) {
  return (await read()).products.flatMap(({ prices }) => prices)
    .find((price) => price.key === key)?.seats;
}
async function subscribe(priceId = MONTHLY) {
  const session = await openSession(service, keyDigest, user, { p_price_id: priceId });
  await record(service, session, "succeeded");
  await complete(service, session);
}
const change = (sql: string, values: unknown[] = []) => owner.rows(sql, values);

describe("read_products tells", () => {
  it("the products on sale with their prices and features, the cheapest first", async () => {
    const { products, currentSubscription } = await read();
    expect(products.map(({ name }) => name)).toEqual(["Starter", "Team", "Pro", "Scale"]);
    expect(currentSubscription).toBeNull();
    const { prices, ...product } = await pro();
    expect(prices.filter(({ currency }) => currency === "usd")).toEqual([
      {
        id: MONTHLY,
        key: "pro-monthly",
        amount: 2900,
        currency: "usd",
        interval: "month",
        intervalCount: 1,
      },
      {
        id: YEARLY,
        key: "pro-yearly",
        amount: 29000,
        currency: "usd",
        interval: "year",
        intervalCount: 1,
      },
    ]);
    expect(product).toMatchObject({
      key: "pro",
      description: "For a growing team",
      isCurrentPlan: false,
      trialDays: 0,
    });
  });

  it("a feature with a quantity as numeric_limit, one without as boolean_flag", async () => {
    expect((await pro()).features).toMatchObject([
      { name: "projects", title: "Projects", type: "numeric_limit", properties: { limit: 25 } },
      { name: "api-access", title: "API access", type: "boolean_flag", properties: {} },
    ]);
    expect((await pro()).features[1]?.properties).toEqual({});
  });

  it("how many seats may be bought, and nothing where a price is sold as one", async () => {
    expect(await seatsOf("team-seats")).toEqual({ min: 1, max: 100 });
    expect(await seatsOf("pro-monthly")).toBeUndefined();
    await change(
      "update billing.product_prices set min_quantity = 2, max_quantity = null where key = 'team-seats'",
    );
    expect(await seatsOf("team-seats")).toEqual({ min: 2 });
  });

  it("a product as highlighted where its metadata say so", async () => {
    expect((await pro()).highlighted).toBeUndefined();
    await change("update billing.products set metadata = '{\"highlighted\": true}' where id = $1", [
      PRO_PRODUCT,
    ]);
    expect((await pro()).highlighted).toBe(true);
  });

  it("the customer's subscription, and its product as the current plan", async () => {
    await subscribe();
    const { products, currentSubscription } = await read();
    expect(products.filter((each) => each.isCurrentPlan).map(({ id }) => id)).toEqual([
      PRO_PRODUCT,
    ]);
    expect(currentSubscription).toMatchObject({
      productId: PRO_PRODUCT,
      priceId: MONTHLY,
      status: "active",
      cancelAtPeriodEnd: false,
      interval: "month",
      amount: 2900,
    });
    await change("update billing.subscriptions set status = 'canceled'");
    expect((await read()).currentSubscription).toBeNull();
    expect((await pro()).isCurrentPlan).toBe(false);
  });

  it("a trial only where it is due to this customer", async () => {
    const days = async () => (await read([SCALE])).products[0]?.trialDays;
    expect(await days()).toBe(14);
    await subscribe();
    await change(
      "update billing.subscriptions set product_id = $1 where customer_id = (select id from billing.customers where external_id = $2)",
      [SCALE, user],
    );
    expect(await days()).toBe(0);
    user = randomUUID();
    expect(await days()).toBe(14);
  });

  it("no trial that one of the product's paid prices lacks", async () => {
    await change(
      `insert into billing.product_prices (product_id, currency, unit_amount, recurring_interval, stripe_price_id)
       values ($1, 'usd', 99000, 'year', 'price_scale_yearly')`,
      [SCALE],
    );
    expect((await read([SCALE])).products[0]?.trialDays).toBe(0);
  });
});

describe("read_products leaves out", () => {
  it.each([
    ["a price that is not active", "active = false"],
    ["a price that Stripe does not know", "stripe_price_id = null"],
  ])("%s", async (_what, set) => {
    await change(`update billing.product_prices set ${set} where id = $1`, [YEARLY]);
    const ids = (await pro()).prices.map(({ id }) => id);
    expect(ids).toContain(MONTHLY);
    expect(ids).not.toContain(YEARLY);
  });

  it("a product that is not active, and one that has no price", async () => {
    await change("update billing.products set active = false where id = $1", [SCALE]);
    await change("update billing.product_prices set active = false where product_id = $1", [
      PRO_PRODUCT,
    ]);
    const names = (await read()).products.map(({ name }) => name);
    expect(names).toEqual(["Starter", "Team"]);
    await change("update billing.products set active = true where id = $1", [SCALE]);
    await change("update billing.product_prices set active = true");
  });

  it("what was not asked for, and what nobody knows", async () => {
    expect((await read(["pro"])).products.map(({ id }) => id)).toEqual([PRO_PRODUCT]);
    expect((await read([PRO_PRODUCT, "x", randomUUID()])).products.map(({ id }) => id))
      .toEqual([PRO_PRODUCT]);
  });

  it("another organization's products and its subscription of the same user", async () => {
    const { id: other } = await owner.row<{ id: string }>(
      "insert into billing.organizations (name) values ('Other') returning id",
    );
    await change(
      "insert into billing.api_keys (organization_id, prefix, digest) values ($1, 'sk_test_efgh', $2)",
      [other, other],
    );
    await subscribe();
    const nothing = { products: [], currentSubscription: null, subscriptions: [] };
    expect(await read(undefined, other)).toEqual(nothing);
    expect(await read([PRO_PRODUCT], other)).toEqual(nothing);
  });
});

describe("read_products refuses", () => {
  it.each([
    ["revoked", "revoked_at = now()", "unauthorized"],
    [
      "expired",
      "created_at = created_at - interval '1 day', expires_at = now() - interval '1 second'",
      "unauthorized",
    ],
    ["without the operation", "allowed_operations = '{entitlements}'", "forbidden"],
  ])("a token that is %s", async (_name, set, outcome) => {
    const tokenId = await newToken(service, keyDigest, user);
    await change(`update billing.session_tokens set ${set} where id = $1`, [tokenId]);
    expect(await call(tokenId)).toEqual({ outcome });
  });

  it("a token of the other mode, and one that nobody made", async () => {
    const tokenId = await newToken(service, keyDigest, user);
    expect(await call(tokenId, undefined, true)).toEqual({ outcome: "unauthorized" });
    expect(await call(randomUUID())).toEqual({ outcome: "unauthorized" });
  });
});
