import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { featureKey as keyForm } from "../../shared/contract/entitlements.ts";
import {
  complete,
  MONTHLY,
  nowSeconds,
  openDatabase,
  openSession,
  openShop,
  PRO_PRODUCT,
  record,
  subscriptionFacts,
} from "./support.ts";

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);
const ORGANIZATION = "0b500000-0000-4000-8000-000000000001";
let user: string;

beforeEach(() => {
  user = randomUUID();
});

interface Read {
  readonly outcome: string;
  readonly entitlements?: { readonly featureKey: string; readonly limit: number | null }[];
}

async function token(
  externalUserId = user,
  { key = keyDigest, operations = ["entitlements"] } = {},
): Promise<string> {
  const tokenId = randomUUID();
  await service.call("issue_session_token", {
    p_key_digest: key,
    p_token_id: tokenId,
    p_external_user_id: externalUserId,
    p_allowed_operations: operations,
    p_lifetime_seconds: 3600,
    p_livemode: false,
  });
  return tokenId;
}

const read = (tokenId: string, featureKey?: string, livemode = false) =>
  service.call<Read>("read_entitlements", {
    p_token_id: tokenId,
    p_livemode: livemode,
    ...(featureKey === undefined ? {} : { p_feature_key: featureKey }),
  });
const limits = async (tokenId: string) =>
  Object.fromEntries(
    ((await read(tokenId)).entitlements ?? []).map((one) => [one.featureKey, one.limit]),
  );

/** Buys a product for the user; answers the subscription's facts. */
async function subscribe(priceId = MONTHLY, key = keyDigest, facts = subscriptionFacts()) {
  const session = await openSession(service, key, user, { p_price_id: priceId });
  await record(service, session, "succeeded");
  await complete(service, session, facts);
  return facts;
}

/** A product of an organization with one feature, whose key other products may share. */
async function sell(featureKey: string, limit: number | null, organizationId = ORGANIZATION) {
  const { id } = await owner.row<{ id: string }>(
    `with product as (
       insert into billing.products (organization_id, name) values ($1, 'Extra') returning id
     ), feature as (
       insert into billing.features (organization_id, key, name) values ($1, $2, 'Shared')
       on conflict (organization_id, key) do update set name = excluded.name returning id
     ), given as (
       insert into billing.product_features (product_id, feature_id, quantity)
       select product.id, feature.id, $3 from product, feature
     )
     insert into billing.product_prices (product_id, currency, unit_amount, recurring_interval, stripe_price_id)
     select id, 'usd', 900, 'month', 'price_' || replace(id::text, '-', '') from product returning id`,
    [organizationId, featureKey, limit],
  );
  return id;
}

async function otherOrganization() {
  const { id } = await owner.row<{ id: string }>(
    "insert into billing.organizations (name) values ('Other') returning id",
  );
  await owner.rows(
    "insert into billing.api_keys (organization_id, prefix, digest) values ($1, 'sk_test_efgh', $2)",
    [id, id],
  );
  return id;
}

describe("read_entitlements", () => {
  it("tells each feature once, by its key, with what grants it", async () => {
    const end = nowSeconds() + 86_400;
    await subscribe(MONTHLY, keyDigest, subscriptionFacts({ currentPeriodEnd: end }));
    const { outcome, entitlements } = await read(await token());
    expect(outcome).toBe("read");
    const common = {
      productId: PRO_PRODUCT,
      productName: "Pro",
      status: "active",
      currentPeriodEnd: new Date(end * 1000).toISOString(),
    };
    expect(entitlements).toMatchObject([
      { ...common, featureKey: "api-access", name: "API access", limit: null },
      { ...common, featureKey: "projects", name: "Projects", limit: 25 },
    ]);
  });

  it("tells nothing of a user who has bought nothing", async () => {
    expect(await read(await token())).toEqual({ outcome: "read", entitlements: [] });
  });

  it("tells nothing of a session that is open or paid and not yet completed", async () => {
    const session = await openSession(service, keyDigest, user);
    expect(await limits(await token())).toEqual({});
    await record(service, session, "succeeded");
    expect(await limits(await token())).toEqual({});
  });

  it.each<[string, number | null, number | null]>([
    ["a smaller limit", 10, 25],
    ["the same limit", 25, 25],
    ["a larger limit", 40, 40],
    ["no limit", null, null],
    ["nothing of it", 0, 25],
  ])("lets the largest limit count where another product grants %s", async (_name, more, limit) => {
    await subscribe();
    await subscribe(await sell("projects", more));
    expect(await limits(await token())).toEqual({ "api-access": null, projects: limit });
  });

  it("tells of the subscription whose limit counts", async () => {
    await subscribe();
    await subscribe(await sell("projects", 40));
    const { entitlements } = await read(await token(), "projects");
    expect(entitlements).toMatchObject([{ limit: 40, productName: "Extra" }]);
  });

  it("tells of the subscription that lasts longest where two grant the same", async () => {
    const later = nowSeconds() + 90 * 86_400;
    await subscribe();
    await subscribe(
      await sell("projects", 25),
      keyDigest,
      subscriptionFacts({ currentPeriodEnd: later }),
    );
    const { entitlements } = await read(await token(), "projects");
    expect(entitlements).toMatchObject([{ productName: "Extra" }]);
  });

  it("falls back to the smaller limit when the subscription with the larger one ends", async () => {
    await subscribe();
    const larger = await subscribe(await sell("projects", 40));
    const tokenId = await token();
    await service.call("record_subscription", {
      p_seen_revision: 1,
      p_subscription: { ...larger, status: "canceled" },
    });
    expect(await limits(tokenId)).toEqual({ "api-access": null, projects: 25 });
  });

  it("takes what a subscription granted when it ends, and tells it again when it is back", async () => {
    const facts = await subscribe();
    const tokenId = await token();
    const sync = (revision: number, status: string) =>
      service.call("record_subscription", {
        p_seen_revision: revision,
        p_subscription: { ...facts, status },
      });
    await sync(1, "unpaid");
    expect(await limits(tokenId)).toEqual({});
    await sync(2, "active");
    expect(await limits(tokenId)).toEqual({ "api-access": null, projects: 25 });
  });

  it("tells one feature where it is asked for one, and none for a key that nobody knows", async () => {
    await subscribe();
    const tokenId = await token();
    expect(await read(tokenId, "projects")).toMatchObject({
      entitlements: [{ featureKey: "projects" }],
    });
    for (const key of ["no-such-feature", "audit-log", "", "%", "projects'--"]) {
      expect(await read(tokenId, key)).toEqual({ outcome: "read", entitlements: [] });
    }
  });
});

describe("read_entitlements keeps apart", () => {
  it("two customers of one organization", async () => {
    await subscribe();
    expect(await limits(await token(randomUUID()))).toEqual({});
  });

  it("one user of two organizations, features of one key included", async () => {
    const other = await otherOrganization();
    await subscribe();
    const theirs = await token(user, { key: other });
    expect(await limits(theirs)).toEqual({});
    await subscribe(await sell("projects", 3, other), other);
    expect(await limits(theirs)).toEqual({ projects: 3 });
    expect(await limits(await token())).toEqual({ "api-access": null, projects: 25 });
  });

  it("the modes", async () => {
    await subscribe();
    expect(await read(await token(), undefined, true)).toEqual({ outcome: "unauthorized" });
  });
});

describe("the catalogue", () => {
  it("has for a feature's key the form that the contract has", async () => {
    const { form } = await owner.row<{ form: string }>(
      "select pg_get_constraintdef(oid) as form from pg_constraint where conname = 'features_key_form'",
    );
    expect(form).toContain(`'${z.toJSONSchema(keyForm).pattern ?? ""}'`);
  });

  it("takes no limit that JSON cannot carry", async () => {
    await expect(sell("huge", Number.MAX_SAFE_INTEGER + 1)).rejects.toThrow(
      "product_features_quantity_range",
    );
  });
});

describe("read_entitlements refuses", () => {
  it.each([
    ["unknown", null, "unauthorized"],
    ["revoked", "revoked_at = now()", "unauthorized"],
    [
      "expired",
      "created_at = created_at - interval '1 day', expires_at = now() - interval '1 second'",
      "unauthorized",
    ],
    ["without the operation", "allowed_operations = '{checkout}'", "forbidden"],
  ])("a token that is %s", async (_name, change, outcome) => {
    await subscribe();
    const tokenId = await token();
    if (change !== null) {
      await owner.rows(`update billing.session_tokens set ${change} where id = $1`, [tokenId]);
    }
    expect(await read(change === null ? randomUUID() : tokenId)).toEqual({ outcome });
  });
});
