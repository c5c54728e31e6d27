import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import {
  complete,
  MONTHLY,
  openDatabase,
  openSession,
  openShop,
  ORGANIZATION,
  PRO_PRODUCT,
  record,
  subscriptionFacts,
  untilBlocked,
  YEARLY,
} from "./support.ts";

// What `npm run import` writes; which rows it writes it for is shown by tests/e2e/import.

const database = await openDatabase();
const [service, anon, owner, second] = await Promise.all([
  database.service(),
  database.anon(),
  database.owner(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);
const priceOf = (id: string) => `price_${id.replaceAll("-", "")}`;

let externalId: string;
let stripeCustomerId: string;
beforeEach(() => {
  externalId = `user-${randomUUID()}`;
  stripeCustomerId = `cus_${randomUUID()}`;
});

interface CustomerOutcome {
  readonly outcome: string;
  readonly customerId: string;
}
const customer = (more: object = {}) =>
  owner.call<CustomerOutcome>("billing_private.import_customer", {
    p_organization_id: ORGANIZATION,
    p_customer: { externalId, stripeCustomerId, email: "a@example.com", name: "A", ...more },
  });
const subscription = (
  customerId: string,
  facts: object = {},
  connection = owner,
) =>
  connection.call("billing_private.import_subscription", {
    p_customer_id: customerId,
    p_subscription: { ...subscriptionFacts(), stripePriceId: priceOf(MONTHLY), ...facts },
  });
const customers = () =>
  owner.rows(
    `select email, name, stripe_customer_id from billing.customers
     where organization_id = $1 and external_id = $2`,
    [ORGANIZATION, externalId],
  );

describe("a customer", () => {
  it("comes over once, and what is known stands", async () => {
    const { outcome, customerId } = await customer();
    expect(outcome).toBe("imported");
    expect(await customer({ email: "other@example.com", name: null })).toEqual({
      outcome: "known",
      customerId,
    });
    expect(await customers()).toEqual([
      { email: "a@example.com", name: "A", stripe_customer_id: stripeCustomerId },
    ]);
  });

  it("who is known without an id at Stripe is given it", async () => {
    const { customerId } = await customer({ stripeCustomerId: null });
    expect(await customer()).toEqual({ outcome: "completed", customerId });
    expect(await customers()).toMatchObject([{ stripe_customer_id: stripeCustomerId }]);
  });

  it("who is known under another id at Stripe keeps it", async () => {
    await customer();
    expect(await customer({ stripeCustomerId: "cus_other" })).toEqual({
      outcome: "other_stripe_customer",
    });
    expect(await customers()).toMatchObject([{ stripe_customer_id: stripeCustomerId }]);
  });

  it("of Stripe's who is somebody else here stays theirs", async () => {
    await customer();
    const before = await owner.rows("select count(*) from billing.customers");
    expect(await customer({ externalId: "somebody else" })).toEqual({
      outcome: "stripe_customer_taken",
    });
    expect(await owner.rows("select count(*) from billing.customers")).toEqual(before);
  });
});

describe("a subscription", () => {
  it("comes over with the grants of its product, and is another's nowhere", async () => {
    const { customerId } = await customer();
    const id = `sub_${randomUUID()}`;
    expect(await subscription(customerId, { id })).toEqual({ outcome: "imported" });
    expect(await subscription(customerId, { id })).toEqual({ outcome: "known" });
    const other = await customer({ externalId: `${externalId}-2`, stripeCustomerId: null });
    expect(await subscription(other.customerId, { id })).toEqual({ outcome: "taken" });
    const row = await owner.row(
      `select sub.product_id, sub.price_id, sub.checkout_session_id, sub.imported_at is not null as dated,
           sub.reread_at is not null as due,
           (select count(*)::int from billing.feature_grants g
            where g.subscription_id = sub.id and g.revoked_at is null) as grants,
           (select count(*)::int from billing.product_features pf where pf.product_id = sub.product_id) as features
         from billing.subscriptions sub where sub.stripe_subscription_id = $1`,
      [id],
    );
    expect(row).toMatchObject({
      product_id: PRO_PRODUCT,
      price_id: MONTHLY,
      checkout_session_id: null,
      dated: true,
      due: true,
      grants: row["features"],
    });
  });

  it("of a price that the catalogue does not have stays behind", async () => {
    const { customerId } = await customer();
    expect(await subscription(customerId, { stripePriceId: "price_unknown" })).toEqual({
      outcome: "price_unknown",
    });
  });

  it("that is the second to its product stays behind, and one that ended comes over", async () => {
    const { customerId } = await customer();
    await subscription(customerId, { id: `sub_${randomUUID()}` });
    const yearly = { id: `sub_${randomUUID()}`, stripePriceId: priceOf(YEARLY) };
    expect(await subscription(customerId, yearly)).toEqual({ outcome: "already_subscribed" });
    expect(await subscription(customerId, { ...yearly, status: "canceled" })).toEqual({
      outcome: "imported",
    });
  });

  it("stays behind where a checkout has brought the product meanwhile", async () => {
    const session = await openSession(service, keyDigest);
    await record(service, session, "succeeded");
    const { id } = await owner.row<{ id: string }>(
      `select c.id from billing.customers c join billing.checkout_sessions s
         on s.organization_id = c.organization_id and s.external_user_id = c.external_id
       where s.id = $1`,
      [session.sessionId],
    );
    await service.rows("begin");
    await complete(service, session, subscriptionFacts());
    const racing = subscription(id, { id: `sub_${randomUUID()}` }, second);
    await untilBlocked(owner, "import_subscription");
    await service.rows("commit");
    expect(await racing).toEqual({ outcome: "already_subscribed" });
  });
});

const write = (origin: string) =>
  owner.rows(
    `insert into billing.subscriptions (organization_id, customer_id, product_id, price_id, livemode, status,
       current_period_start, current_period_end, stripe_subscription_id${
      origin === "" ? "" : `, ${origin}`
    })
     select $1, c.id, $2, $3, false, 'active', now(), now() + interval '1 month', 'sub_' || gen_random_uuid()
       ${origin === "" ? "" : ", now()"}
     from billing.customers c where c.external_id = $4`,
    [ORGANIZATION, PRO_PRODUCT, MONTHLY, externalId],
  );

describe("whoever was moved in", () => {
  it("can be exported, and erased once nothing is billed any more", async () => {
    const { customerId } = await customer();
    const id = `sub_${randomUUID()}`;
    await subscription(customerId, { id });
    const named = { p_organization_id: ORGANIZATION, p_external_id: externalId };
    expect(await service.call("export_customer", named)).toMatchObject({
      customer: { email: "a@example.com" },
      subscriptions: [{ stripe_subscription_id: id, imported_at: expect.any(String) as unknown }],
    });
    expect(await service.call("erase_customer", named)).toMatchObject({
      outcome: "live_subscription",
    });
    await service.call("record_subscription", {
      p_seen_revision: 1,
      p_subscription: { ...subscriptionFacts(), id, status: "canceled" },
    });
    expect(await service.call("erase_customer", named)).toMatchObject({ outcome: "erased" });
    expect(await customers()).toEqual([]);
  });
});

describe("a subscription's row", () => {
  it("begins with a checkout or an import, and never with neither", async () => {
    await customer();
    await expect(write("")).rejects.toThrow("subscriptions_one_origin");
    await expect(write("imported_at")).resolves.toBeDefined();
  });
});

describe("what is for operators alone", () => {
  it.each([
    ["the import of a customer", `select billing_private.import_customer('${ORGANIZATION}', '{}')`],
    [
      "the import of a subscription",
      `select billing_private.import_subscription('${ORGANIZATION}', '{}')`,
    ],
    ["the cursors of backfills", "select * from billing_private.backfill_cursors"],
    ["writing the cursors of backfills", "delete from billing_private.backfill_cursors"],
  ])("%s is no one else's", async (_what, sql) => {
    for (const connection of [service, anon]) {
      await expect(connection.rows(sql)).rejects.toThrow("permission denied");
    }
  });
});
