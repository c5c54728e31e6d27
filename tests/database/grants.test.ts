import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Bought,
  bought,
  DAY,
  disputeFacts,
  invoiceFacts,
  ORGANIZATION,
  owedInvoice,
  shown,
  sync,
  write,
} from "./billing.ts";
import { nowSeconds, openDatabase, openShop, PRO_PRODUCT, untilBlocked } from "./support.ts";

const database = await openDatabase();
const [service, second, owner] = await Promise.all([
  database.service(),
  database.service(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);
const ALL = ["api-access", "projects"];
let subscription: Bought;

const settings = (values: { grace?: number | null; dispute?: string }) =>
  owner.rows(
    "update billing.organizations set past_due_grace_days = $2, dispute_policy = $3 where id = $1",
    [ORGANIZATION, values.grace ?? null, values.dispute ?? "keep"],
  );
const features = async () => (await shown(service, subscription)).features;
const grants = () =>
  service.rows<{ key: string; quantity: string | null; until: string | null }>(
    `select f.key, g.quantity, floor(extract(epoch from g.expires_at))::bigint as until
     from billing.feature_grants g join billing.features f on f.id = g.feature_id
     join billing.subscriptions sub on sub.id = g.subscription_id
     where sub.stripe_subscription_id = $1 and g.revoked_at is null order by f.key`,
    [subscription.facts["id"]],
  );
const daysAgo = (days: number) => nowSeconds() - days * DAY;
const owes = (changes: object = {}) =>
  write(service, "record_invoice", owedInvoice(subscription, { ...changes }));
/** As if it had been past due for so many days. */
const sinceDaysAgo = (days: number) =>
  owner.rows(
    `update billing.subscriptions set past_due_since = now() - make_interval(secs => $2)
     where stripe_subscription_id = $1`,
    [subscription.facts["id"], days * DAY],
  );
const sweep = (connection = service) => connection.call<number>("expire_grants", { p_limit: 10 });

beforeEach(async () => {
  subscription = await bought(service, keyDigest);
});
afterEach(() => settings({}));

describe("a subscription that is past due", () => {
  it("keeps its features as long as Stripe keeps it past due, unless the organization sets a grace", async () => {
    await write(service, "record_invoice", owedInvoice(subscription, { finalizedAt: 1 }));
    await sync(service, subscription, { status: "past_due" });
    expect(await features()).toEqual(ALL);
    expect(await sweep()).toBe(0);
  });

  it("loses them at once where the grace is none", async () => {
    await settings({ grace: 0 });
    await sync(service, subscription, { status: "past_due" });
    expect(await features()).toEqual([]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ["no bill has been heard of", () => Promise.resolve()],
    ["the bill is of days before, a bank debit's", () => owes({ finalizedAt: daysAgo(4) })],
    [
      "an older bill was never paid and later ones were",
      async () => {
        await owes({ finalizedAt: daysAgo(90) });
        await write(service, "record_invoice", invoiceFacts(subscription));
      },
    ],
    [
      "what is owed was never tried, in the midst of a paid month",
      () => owes({ finalizedAt: nowSeconds(), attemptCount: 0 }),
    ],
  ])("keeps them for all days of its grace where %s", async (_which, bill) => {
    await settings({ grace: 3 });
    const before = nowSeconds();
    await bill();
    await sync(service, subscription, { status: "past_due", currentPeriodStart: daysAgo(20) });
    await bill();
    for (const { until } of await grants()) {
      expect(Number(until)).toBeGreaterThanOrEqual(before + 3 * DAY);
      expect(Number(until)).toBeLessThanOrEqual(nowSeconds() + 3 * DAY);
    }
    expect(await features()).toEqual(ALL);
  });

  it("has no longer grace for what is heard while it lasts, and a whole one the next time", async () => {
    await settings({ grace: 3 });
    await sync(service, subscription, { status: "past_due" });
    await sinceDaysAgo(2);
    await sync(service, subscription, { status: "past_due", cancelAtPeriodEnd: true });
    const [first] = await grants();
    expect(Number(first?.until)).toBeLessThan(nowSeconds() + 2 * DAY);
    await sync(service, subscription, { status: "active" });
    await sync(service, subscription, { status: "past_due" });
    const [next] = await grants();
    expect(Number(next?.until)).toBeGreaterThan(nowSeconds() + 2 * DAY);
  });

  it("loses them when the grace period has ended although nothing else happens, and its listeners are told", async () => {
    await settings({ grace: 1 });
    await sync(service, subscription, { status: "past_due" });
    await sinceDaysAgo(1 - 2 / DAY);
    await owes();
    const { version } = await shown(service, subscription);
    expect(await sweep()).toBe(0);
    await expect.poll(() => sweep(), { timeout: 180_000 }).toBe(1);
    expect(await shown(service, subscription)).toMatchObject({
      version: version + 1,
      features: [],
    });
    expect(await sweep()).toBe(0);
  });

  it("is without them for whoever looks between the end of the grace and the next repair", async () => {
    await settings({ grace: 1 });
    await sync(service, subscription, { status: "past_due" });
    await sinceDaysAgo(1 - 2 / DAY);
    await owes();
    const standing = () =>
      owner.rows(
        `select g.* from billing.subscriptions sub cross join lateral billing_private.live_grants(sub.customer_id) g
         where sub.stripe_subscription_id = $1`,
        [subscription.facts["id"]],
      );
    expect(await standing()).toHaveLength(2);
    await expect.poll(() => standing(), { timeout: 180_000 }).toHaveLength(0);
    await sweep();
  });

  it("has them back at once when it is paid", async () => {
    await settings({ grace: 0 });
    await sync(service, subscription, { status: "past_due" });
    await sync(service, subscription, { status: "active" });
    expect(await features()).toEqual(ALL);
    expect((await grants()).map(({ until }) => until)).toEqual([null, null]);
  });
});

const overdue = async () => {
  await settings({ grace: 1 });
  await sync(service, subscription, { status: "past_due" });
  await owner.rows(
    `update billing.feature_grants set expires_at = now() - interval '1 second'
     where subscription_id = (select id from billing.subscriptions where stripe_subscription_id = $1)`,
    [subscription.facts["id"]],
  );
  await sinceDaysAgo(2);
};

describe("the end of a grace", () => {
  it("is taken up by one of two runs at the same instant, and neither waits", async () => {
    await overdue();
    await service.rows("begin");
    expect(await sweep(service)).toBe(1);
    expect(await sweep(second)).toBe(0);
    await service.rows("commit");
    expect(await features()).toEqual([]);
  });

  it("is skipped while somebody writes the subscription, who then sees it himself", async () => {
    await overdue();
    await service.rows("begin");
    await sync(service, subscription, { status: "past_due", currentPeriodStart: 1 });
    expect(await sweep(second)).toBe(0);
    await service.rows("commit");
    expect(await features()).toEqual([]);
  });
});

const dispute = (status: string, changes: object = {}) =>
  disputeFacts(subscription.session.intentId, { id: "dp_1", status, ...changes });

describe("a dispute about the checkout's payment", () => {
  beforeEach(() => owner.rows("delete from billing.disputes"));

  it.each(["needs_response", "under_review"])(
    "leaves the features while it is %s",
    async (status) => {
      await write(service, "record_dispute", dispute(status));
      expect(await features()).toEqual(ALL);
    },
  );

  it.each(["needs_response", "under_review"])(
    "rests the features while it is %s, where the organization says so",
    async (status) => {
      await settings({ dispute: "suspend" });
      await write(service, "record_dispute", dispute(status));
      expect(await features()).toEqual([]);
      await write(service, "record_dispute", dispute("won"));
      expect(await features()).toEqual(ALL);
    },
  );

  it.each(["warning_needs_response", "warning_under_review", "warning_closed", "prevented"])(
    "takes nothing while it is %s, whatever the organization says",
    async (status) => {
      await settings({ dispute: "suspend" });
      await write(service, "record_dispute", dispute(status));
      expect(await features()).toEqual(ALL);
    },
  );

  it.each(["keep", "suspend"])(
    "takes the features once it is lost, until a later payment comes in (%s)",
    async (policy) => {
      await settings({ dispute: policy });
      await write(service, "record_dispute", dispute("lost"));
      expect(await features()).toEqual([]);
      await write(service, "record_invoice", invoiceFacts(subscription));
      expect(await features()).toEqual(ALL);
    },
  );

  it("leaves the subscription as it is", async () => {
    await write(service, "record_dispute", dispute("lost"));
    expect(await shown(service, subscription)).toMatchObject({
      status: "succeeded",
      subscription: { status: "active" },
    });
  });
});

describe("a dispute about an invoice", () => {
  it("that is lost takes the features when it was the latest payment, and not when it was an older one", async () => {
    const older = invoiceFacts(subscription, { paidAt: nowSeconds() + 10 });
    const latest = invoiceFacts(subscription, { paidAt: nowSeconds() + 20 });
    for (const each of [older, latest]) await write(service, "record_invoice", each);
    const lost = (bill: typeof older) =>
      write(service, "record_dispute", disputeFacts(bill["paymentIntentId"], { status: "lost" }));
    await lost(older);
    expect(await features()).toEqual(ALL);
    await lost(latest);
    expect(await features()).toEqual([]);
  });
});

describe("what is granted", () => {
  it("is the product's quantity, for each seat where the product says so", async () => {
    await sync(service, subscription, { quantity: 3 });
    expect(await grants()).toMatchObject([{ key: "api-access" }, {
      key: "projects",
      quantity: "25",
    }]);
    await owner.rows(
      "update billing.product_features set per_seat = true where product_id = $1",
      [PRO_PRODUCT],
    );
    await sync(service, subscription, { quantity: 4 });
    expect(await grants()).toMatchObject([
      { key: "api-access", quantity: null },
      { key: "projects", quantity: "100" },
    ]);
    await owner.rows("update billing.product_features set per_seat = false");
  });

  it("is never more than every reader can hold", async () => {
    await owner.rows("begin");
    try {
      await owner.rows(
        "update billing.product_features set per_seat = true, quantity = 9007199254740991 where quantity is not null",
      );
      await sync(owner, subscription, { quantity: Number.MAX_SAFE_INTEGER });
      const { quantity } = await owner.row(
        "select max(quantity) as quantity from billing.feature_grants where revoked_at is null",
      );
      expect(quantity).toBe("9007199254740991");
    } finally {
      await owner.rows("rollback");
    }
  });

  it("is projected once more by a writer that comes at the same instant, after the first has committed", async () => {
    await settings({ grace: 0 });
    await service.rows("begin");
    await sync(service, subscription, { status: "past_due" });
    const racing = write(second, "record_invoice", invoiceFacts(subscription));
    await untilBlocked(owner, "record_invoice");
    await service.rows("commit");
    expect(await racing).toEqual({ outcome: "recorded" });
    expect(await features()).toEqual([]);
  });
});
