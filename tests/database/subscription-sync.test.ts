import { beforeEach, describe, expect, it } from "vitest";
import {
  complete,
  MONTHLY,
  openDatabase,
  type OpenSession,
  openSession,
  openShop,
  PRO_PRODUCT,
  record,
  subscriptionFacts,
  untilBlocked,
  version,
  YEARLY,
} from "./support.ts";
import { ORGANIZATION } from "./billing.ts";

const database = await openDatabase();
const [service, second, owner] = await Promise.all([
  database.service(),
  database.service(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);
let session: OpenSession;
let facts: Record<string, unknown>;

beforeEach(async () => {
  session = await openSession(service, keyDigest);
  facts = subscriptionFacts();
  await record(service, session, "succeeded");
  await complete(service, session, facts);
});

const sync = (connection: typeof service, revision: number, changes: object) =>
  connection.call("record_subscription", {
    p_seen_revision: revision,
    p_subscription: { ...facts, ...changes },
  });
const snapshot = async () =>
  (await service.call<{ snapshot: object }>("read_checkout", { p_session_id: session.sessionId }))
    .snapshot;

describe("record_subscription", () => {
  it("does not write what was read before another writer came", async () => {
    await sync(service, 1, { status: "past_due" });
    expect(await sync(service, 1, { status: "active" })).toEqual({ outcome: "stale" });
    expect(await snapshot()).toMatchObject({ subscription: { status: "past_due" } });
  });

  it("lets one of two writers at the same instant write and sends the other back to read", async () => {
    await service.rows("begin");
    await sync(service, 1, { cancelAtPeriodEnd: true });
    const racing = sync(second, 1, { cancelAtPeriodEnd: false });
    await untilBlocked(owner, "record_subscription");
    await service.rows("commit");
    expect(await racing).toEqual({ outcome: "stale" });
  });

  it("needs no other reading where the row says what was read, whoever came between", async () => {
    await sync(service, 1, { status: "past_due" });
    expect(await sync(service, 1, { status: "past_due" }))
      .toEqual({ outcome: "recorded", changed: false });
  });

  it("does not write what was read before a reading that found nothing new", async () => {
    await sync(service, 1, {});
    expect(await sync(service, 1, { status: "past_due" })).toEqual({ outcome: "stale" });
    // Not that of one who came late with what the row says, either.
    await sync(service, 1, {});
    expect(await sync(service, 2, { status: "past_due" })).toEqual({ outcome: "stale" });
    expect(await sync(service, 3, { status: "past_due" })).toMatchObject({ changed: true });
  });

  it.each([
    ["canceled", []],
    ["unpaid", []],
    ["paused", []],
    ["past_due", ["api-access", "projects"]],
  ])("leaves a subscription that is %s with the features %j", async (status, features) => {
    await sync(service, 1, { status });
    expect(await snapshot()).toMatchObject({ features });
  });

  it("gives the features back when the subscription lives again, without a second set of grants", async () => {
    await sync(service, 1, { status: "unpaid" });
    await sync(service, 2, { status: "active" });
    expect(await snapshot()).toMatchObject({ features: ["api-access", "projects"] });
    const { n } = await service.row<{ n: number }>(
      "select count(*)::int as n from billing.feature_grants g join billing.checkout_sessions s using (subscription_id) where s.id = $1",
      [session.sessionId],
    );
    expect(n).toBe(2);
  });

  it("keeps how it is billed and who made it, and as they are where they are not told", async () => {
    const kept = () =>
      service.row(
        `select collection_method, made_by_application from billing.subscriptions sub
         join billing.checkout_sessions s on s.subscription_id = sub.id where s.id = $1`,
        [session.sessionId],
      );
    expect(await kept()).toEqual({
      collection_method: "charge_automatically",
      made_by_application: true,
    });
    const others = { collectionMethod: "send_invoice", madeByApplication: false };
    await sync(service, 1, others);
    expect(await kept()).toEqual({ collection_method: "send_invoice", made_by_application: false });
    await sync(service, 2, { quantity: 2 });
    expect(await kept()).toEqual({ collection_method: "send_invoice", made_by_application: false });
  });

  it("raises the session's version when the snapshot changes, and only then", async () => {
    const before = await version(service, session);
    await sync(service, 1, {});
    expect(await version(service, session)).toBe(before);
    await sync(service, 2, { cancelAtPeriodEnd: true });
    expect(await version(service, session)).toBe(before + 1);
  });

  it.each([
    ["an end at a date", { cancelAt: 2_000_000_000 }, {
      cancelAt: "2033-05-18T03:33:20.000Z",
      cancelAtPeriodEnd: false,
    }],
    ["a pause", { collectionPaused: "void" }, { collectionPaused: { behavior: "void" } }],
    ["a pause that ends", { collectionPaused: "void", collectionResumesAt: 2_000_000_000 }, {
      collectionPaused: { behavior: "void", resumesAt: "2033-05-18T03:33:20.000Z" },
    }],
    ["an update that waits", { pendingUpdateExpiresAt: 2_000_000_000 }, {
      pendingUpdate: { expiresAt: "2033-05-18T03:33:20.000Z" },
    }],
    ["a schedule", { scheduled: true }, { scheduled: true }],
  ])(
    "shows %s as the next version, takes no feature for it, and takes it back",
    async (_what, state, shown) => {
      const before = await version(service, session);
      const plain = await snapshot();
      await sync(service, 1, state);
      expect(await version(service, session)).toBe(before + 1);
      expect(await snapshot()).toMatchObject({
        subscription: { status: "active", ...shown },
        features: ["api-access", "projects"],
      });
      await sync(service, 2, {});
      expect(await snapshot()).toEqual({ ...plain, version: before + 2 });
    },
  );

  it("shows an end at the very end of the period as one with the period, without Stripe's flag", async () => {
    await sync(service, 1, { cancelAt: facts["currentPeriodEnd"] });
    expect(await snapshot()).toMatchObject({ subscription: { cancelAtPeriodEnd: true } });
  });

  it("remembers when Stripe told that the trial's end is near, once for each end", async () => {
    const told = async () => {
      const { at } = await service.row<{ at: Date | null }>(
        "select trial_will_end_at as at from billing.subscriptions where stripe_subscription_id = $1",
        [facts["id"]],
      );
      return at?.getTime() ?? null;
    };
    const trialEnd = 2_000_000_000;
    await sync(service, 1, { status: "trialing", trialEnd });
    expect(await told()).toBeNull();
    await sync(service, 2, { status: "trialing", trialEnd, trialWillEnd: true });
    const first = await told();
    expect(first).not.toBeNull();
    await sync(service, 3, { status: "trialing", trialEnd, trialWillEnd: true });
    await sync(service, 4, { status: "active", trialEnd });
    expect(await told()).toBe(first);
    await sync(service, 5, { status: "trialing", trialEnd: trialEnd + 1 });
    expect(await told()).toBeNull();
  });

  it("says of a subscription that is not ours that it is unknown", async () => {
    expect(await sync(service, 1, { id: "sub_foreign" })).toEqual({ outcome: "unknown" });
  });
});

const row = () =>
  service.row(
    "select product_id, price_id, stripe_price_id, quantity from billing.subscriptions where stripe_subscription_id = $1",
    [facts["id"]],
  );

const stripePrice = (id: string) => `price_${id.replaceAll("-", "")}`;

describe("a subscription whose price was changed at Stripe", () => {
  it("follows to the price in the catalogue that has Stripe's id, with its quantity", async () => {
    await sync(service, 1, { stripePriceId: stripePrice(YEARLY), quantity: 4 });
    expect(await row()).toMatchObject({
      product_id: PRO_PRODUCT,
      price_id: YEARLY,
      stripe_price_id: stripePrice(YEARLY),
      quantity: "4",
    });
  });

  it("follows to another product, and its features with it", async () => {
    const other = await otherProduct(ORGANIZATION, "price_other");
    const before = await version(service, session);
    await sync(service, 1, { stripePriceId: "price_other" });
    expect(await row()).toMatchObject({ product_id: other, stripe_price_id: "price_other" });
    expect(await snapshot()).toMatchObject({
      version: before + 1,
      subscription: { productId: other },
      features: ["projects"],
    });
    await sync(service, 2, { stripePriceId: stripePrice(MONTHLY) });
    expect(await snapshot()).toMatchObject({ features: ["api-access", "projects"] });
  });

  it("keeps its product where the catalogue does not know the price, and says so", async () => {
    expect(await sync(service, 1, { stripePriceId: "price_by_hand" })).toEqual({
      outcome: "recorded",
      changed: true,
      price: "unknown",
    });
    expect(await row()).toMatchObject({
      product_id: PRO_PRODUCT,
      price_id: MONTHLY,
      stripe_price_id: "price_by_hand",
    });
  });

  it("does not follow to another organization's price", async () => {
    const { id } = await owner.row<{ id: string }>(
      "insert into billing.organizations (name) values ('Another') returning id",
    );
    await otherProduct(id, "price_foreign");
    expect(await sync(service, 1, { stripePriceId: "price_foreign" })).toMatchObject({
      price: "unknown",
    });
    expect(await row()).toMatchObject({ product_id: PRO_PRODUCT });
  });

  it("keeps its product where the customer has a live subscription of the other already", async () => {
    const user = "two-products";
    const other = await otherProduct(ORGANIZATION, "price_second");
    const mine = await openSession(service, keyDigest, user);
    const mineAtStripe = subscriptionFacts();
    await record(service, mine, "succeeded");
    await complete(service, mine, mineAtStripe);
    const theirs = await openSession(service, keyDigest, `${user}-2`);
    await record(service, theirs, "succeeded");
    await complete(service, theirs);
    // The second becomes the same customer's, of the other product, as two checkouts of one customer leave it.
    await owner.rows(
      `update billing.subscriptions set product_id = $1,
         customer_id = (select customer_id from billing.subscriptions where checkout_session_id = $2)
       where checkout_session_id = $3`,
      [other, mine.sessionId, theirs.sessionId],
    );
    const outcome = await service.call("record_subscription", {
      p_seen_revision: 1,
      p_subscription: { ...mineAtStripe, stripePriceId: "price_second" },
    });
    expect(outcome).toEqual({ outcome: "recorded", changed: true, price: "taken" });
  });
});

async function otherProduct(organization: string, stripePriceId: string): Promise<string> {
  const { id } = await owner.row<{ id: string }>(
    "insert into billing.products (organization_id, name) values ($1, $2) returning id",
    [organization, stripePriceId],
  );
  await owner.rows(
    `insert into billing.product_prices (product_id, currency, unit_amount, recurring_interval, stripe_price_id)
     values ($1, 'usd', 100, 'month', $2)`,
    [id, stripePriceId],
  );
  await owner.rows(
    "insert into billing.product_features (product_id, feature_id) select $1, id from billing.features where key = 'projects'",
    [id],
  );
  return id;
}
