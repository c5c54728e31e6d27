import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import demo from "../../billing.catalogue.ts";
import { readDatabase } from "../../catalogue/database/read.ts";
import { writeDatabase } from "../../catalogue/database/write.ts";
import { planOf } from "../../catalogue/plan/plan.ts";
import type { Changes } from "../../catalogue/plan/step.ts";
import {
  beginArguments,
  MONTHLY,
  newToken,
  openDatabase,
  openShop,
  ORGANIZATION,
  PRO_PRODUCT,
} from "./support.ts";

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
it("supabase/seed.sql is the demo catalogue before its first push, with nothing more and nothing less", async () => {
  const state = await readDatabase(owner.client, demo.organization.key);
  const nothing = { account: null, products: [], prices: [], coupons: new Set<string>() };
  const rows = planOf(demo, state, nothing, false).steps.filter((step) => step.on === "database");
  expect(rows).toHaveLength(
    state.products.length + state.prices.length,
  );
  for (const step of rows) {
    expect(step).toMatchObject({ act: "update" });
    expect("changes" in step && Object.keys(step.changes)).toEqual(["stripeId"]);
  }
});

it.each<[string, Changes, boolean]>([
  ["of something else leaves what Stripe has said meanwhile", {
    trialDays: { from: null, to: 7 },
  }, false],
  ["that put it on sale at Stripe says so", { stripeActive: { from: false, to: true } }, true],
  ["to another price of Stripe's says so", { stripeId: { from: null, to: "price_new" } }, true],
])("a change %s", async (_what, changes, sold) => {
  await owner.rows("begin");
  await owner.rows("update billing.product_prices set stripe_active = false where id = $1", [
    MONTHLY,
  ]);
  await owner.rows("update billing.products set stripe_active = false where id = $1", [
    PRO_PRODUCT,
  ]);
  const state = await readDatabase(owner.client, demo.organization.key);
  const ids = { account: null, products: new Map(), prices: new Map() };
  const step = { on: "database", act: "update", changes } as const;
  await writeDatabase(
    owner.client,
    demo,
    state,
    [
      { ...step, what: "product", key: "pro", id: PRO_PRODUCT },
      { ...step, what: "price", key: "pro-monthly", id: MONTHLY },
    ],
    ids,
    false,
  );
  const row = await owner.row(
    `select pr.stripe_active as price, p.stripe_active as product
     from billing.product_prices pr join billing.products p on p.id = pr.product_id where pr.id = $1`,
    [MONTHLY],
  );
  await owner.rows("rollback");
  expect(row).toEqual({ price: sold, product: sold });
});

describe("a key", () => {
  let keyDigest = "";
  beforeAll(async () => {
    ({ keyDigest } = await openShop(owner));
  });
  const begin = async (name: string) => {
    const token = await newToken(service, keyDigest);
    const { outcome, session } = await service.call<{
      outcome: string;
      session?: { priceId: string; priceKey: string | null };
    }>("begin_checkout", beginArguments(token, { p_price_id: name }));
    return [outcome, session?.priceId, session?.priceKey];
  };

  it("buys the price that has it now, as the price's id does", async () => {
    const named = ["created", MONTHLY, "pro-monthly"];
    expect(await begin("pro-monthly")).toEqual(named);
    expect(await begin(MONTHLY)).toEqual(named);
    expect(await begin(MONTHLY.toUpperCase())).toEqual(named);
  });

  it("of another organization buys nothing, and so does one that nobody has", async () => {
    await owner.rows(
      `with other as (insert into billing.organizations (key, name) values ('other', 'Other') returning id),
         product as (insert into billing.products (organization_id, name) select id, 'Pro' from other returning id)
       insert into billing.product_prices (product_id, key, currency, unit_amount, recurring_interval, stripe_price_id)
       select id, 'only-theirs', 'usd', 500, 'month', 'price_theirs' from product`,
    );
    for (const name of ["only-theirs", "nobodys", "", "'; drop table x; --", randomUUID()]) {
      expect(await begin(name)).toEqual(["price_not_found", undefined, undefined]);
    }
  });

  it("that a price has released still opens no checkout of that price", async () => {
    await owner.rows("begin");
    await owner.rows(
      "update billing.product_prices set key = null, active = false, archived_at = now() where id = $1",
      [MONTHLY],
    );
    await owner.rows("commit");
    expect(await begin("pro-monthly")).toEqual(["price_not_found", undefined, undefined]);
    expect((await begin(MONTHLY))[0]).toBe("price_unavailable");
    await owner.rows(
      "update billing.product_prices set key = 'pro-monthly', archived_at = null, active = true where id = $1",
      [MONTHLY],
    );
  });

  const another =
    "insert into billing.product_prices (product_id, organization_id, key, currency, unit_amount, recurring_interval)";
  it.each<[string, string, unknown[], string]>([
    [
      "a second price of its organization",
      `${another} values ($1, null, 'pro-yearly', 'usd', 100, 'month')`,
      [PRO_PRODUCT],
      "product_prices_organization_id_key_key",
    ],
    [
      "a price of an organization that does not sell the product",
      `with other as (insert into billing.organizations (name) values ('Third') returning id)
       ${another} select $1, id, 'mine', 'usd', 100, 'month' from other`,
      [PRO_PRODUCT],
      "product_prices_product_id_fkey",
    ],
    [
      "a price, with the form of an id",
      `${another} values ($1, null, $2, 'usd', 100, 'month')`,
      [PRO_PRODUCT, MONTHLY],
      "product_prices_key_form",
    ],
    [
      "a second product of its organization",
      "insert into billing.products (organization_id, key, name) values ($1, 'pro', 'Twin')",
      [ORGANIZATION],
      "products_organization_id_key_key",
    ],
    [
      "a second organization",
      "insert into billing.organizations (key, name) values ('demo-cloud', 'Twin')",
      [],
      "organizations_key_key",
    ],
    [
      "a second discount of its organization",
      `insert into billing.discounts (organization_id, key, code, percent_off) values ($1, 'welcome', 'TWIN', 5)`,
      [ORGANIZATION],
      "discounts_organization_id_key_key",
    ],
    [
      "what is on sale and archived at once",
      "update billing.products set archived_at = now() where id = $1",
      [PRO_PRODUCT],
      "products_archived_is_not_active",
    ],
  ])("is never %s", async (_what, sql, values, constraint) => {
    await expect(owner.rows(sql, values)).rejects.toMatchObject({ constraint });
  });
});
