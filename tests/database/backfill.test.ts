import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { cursors } from "../../scripts/backfill/cursor.ts";
import { placesOf } from "../../scripts/backfill/places.ts";
import { openDatabase, openShop, ORGANIZATION, subscriptionFacts } from "./support.ts";

// Which accounts a backfill looks at, and where it keeps how far it is; what it finds there is shown by tests/e2e/backfill.

const database = await openDatabase();
const owner = await database.owner();
await openShop(owner);
const { client } = owner;
const accountsOf = async (livemode: boolean, organizationId?: string) =>
  (await placesOf(client, livemode, organizationId)).map(({ account }) => account);

async function organization(account: string | null, livemode = false): Promise<string> {
  const { id } = await owner.row<{ id: string }>(
    "insert into billing.organizations (name, stripe_account_id, livemode) values ('A shop', $1, $2) returning id",
    [account, livemode],
  );
  return id;
}

describe("the accounts that a backfill looks at", () => {
  it("are those of the key's mode on which somebody sells, each once", async () => {
    await organization("acct_a");
    await organization("acct_a");
    await organization("acct_live", true);
    expect(await accountsOf(false)).toEqual([null, "acct_a"]);
    expect(await accountsOf(true)).toEqual(["acct_live"]);
  });

  it("are one organization's, with that which still bills its subscriptions after it has left", async () => {
    const id = await organization("acct_left");
    const { customerId } = await owner.call<{ customerId: string }>(
      "billing_private.import_customer",
      { p_organization_id: id, p_customer: { externalId: randomUUID() } },
    );
    const { id: product } = await owner.row<{ id: string }>(
      "insert into billing.products (organization_id, name) values ($1, 'Pro') returning id",
      [id],
    );
    await owner.rows(
      `insert into billing.product_prices (product_id, currency, unit_amount, recurring_interval, stripe_price_id)
       values ($1, 'usd', 500, 'month', $2)`,
      [product, `price_${id}`],
    );
    expect(
      await owner.call("billing_private.import_subscription", {
        p_customer_id: customerId,
        p_subscription: { ...subscriptionFacts(), id: `sub_${id}`, stripePriceId: `price_${id}` },
      }),
    ).toEqual({ outcome: "imported" });
    await owner.rows(
      "update billing.organizations set stripe_account_id = 'acct_new' where id = $1",
      [id],
    );
    expect(await accountsOf(false, id)).toEqual(["acct_left", "acct_new"]);
  });

  it.each([
    ["is not there", randomUUID(), false, "no organization"],
    ["sells in the other mode", ORGANIZATION, true, "STRIPE_SECRET_KEY"],
  ])("are none of an organization that %s", async (_what, id, livemode, told) => {
    await expect(placesOf(client, livemode, id)).rejects.toThrow(told);
  });
});

describe("a cursor", () => {
  const place = { account: null, livemode: false, organizationId: ORGANIZATION };
  const at = { stage: "invoices", after: "in_1", left: 2 };
  const nowhere = { stage: undefined, after: undefined, left: 0 };

  it("is where the same run was, and no other's", async () => {
    const run = cursors(client, 1_700_000_000);
    await run.keep(place, { stage: "subscriptions", after: undefined, left: 0 });
    await run.keep(place, at);
    expect(await run.read(place)).toEqual(at);
    expect(await cursors(client, 1_700_000_001).read(place)).toEqual(nowhere);
    expect(await run.read({ ...place, organizationId: undefined })).toEqual(nowhere);
    expect(await run.read({ ...place, account: "acct_1" })).toEqual(nowhere);
    expect(await run.read({ ...place, livemode: true })).toEqual(nowhere);
  });

  it("of a run since another day begins anew, and forgets the one before", async () => {
    await cursors(client, 1_700_000_000).keep(place, at);
    await cursors(client, 1_800_000_000).keep(place, {
      stage: "refunds",
      after: undefined,
      left: 0,
    });
    expect(await cursors(client, 1_700_000_000).read(place)).toEqual(nowhere);
  });

  it.each<[string, string, boolean]>([
    ["23 hours", "invoices", true],
    ["23 hours", "done", true],
    ["25 hours", "invoices", false],
    ["25 hours", "done", false],
  ])("that is %s old, at %s, counts: %s", async (age, stage, counts) => {
    const run = cursors(client, 1_700_000_000);
    await run.forget([place]);
    await owner.rows(
      `insert into billing_private.backfill_cursors (scope, stripe_account_id, livemode, since, stage, left_count, updated_at)
       values ($1, '', false, to_timestamp(1700000000), $2, 2, clock_timestamp() - $3::interval)`,
      [ORGANIZATION, stage, age],
    );
    expect(await run.read(place)).toEqual(counts ? { stage, after: undefined, left: 2 } : nowhere);
    // What is kept from then on is of now.
    await run.keep(place, at);
    expect(await run.read(place)).toEqual(at);
  });

  it("is forgotten with the end of its run", async () => {
    const run = cursors(client, 1_700_000_000);
    await run.keep(place, at);
    await run.forget([place]);
    expect(await run.read(place)).toEqual(nowhere);
  });
});
