import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ORGANIZATION } from "./billing.ts";
import {
  changesOf,
  type Customer,
  done,
  featuresOf,
  paid,
  SCALE,
  subscriptionRow,
  synced,
} from "./changing.ts";
import { refuse } from "./fulfilling.ts";
import { openRaces } from "./races.ts";
import { type Connection, type OpenSession } from "./support.ts";

const { first, owner, keyDigest, race } = await openRaces();
const { openChange, subscribed } = changesOf(first, keyDigest);
const BEFORE = ["api-access", "projects"];
const AFTER = ["api-access", "audit-log", "projects"];
let customer: Customer;
let change: OpenSession;

const grace = (days: number | null) =>
  owner.rows("update billing.organizations set past_due_grace_days = $2 where id = $1", [
    ORGANIZATION,
    days,
  ]);
/** Where a subscription that is past due has no features. */
beforeAll(() => grace(0));
afterAll(() => grace(null));
beforeEach(async () => {
  customer = await subscribed();
  change = await openChange(customer, SCALE);
});

const features = () => featuresOf(owner, customer);
/** Writes the subscription's status as it is at Stripe now. */
const isNow = (status: string) => async (connection: Connection) =>
  synced(customer, (await subscriptionRow(connection, customer)).revision, { status })(connection);

describe("a subscription that is past due in the midst of a paid change", () => {
  it("keeps its features until the payment is written down, and then has the new ones", async () => {
    await paid(change)(first);
    await isNow("past_due")(first);
    expect(await features()).toEqual(BEFORE);
    const { plan } = await paid(change)(first);
    await done(change.sessionId, customer, plan.change.revision)(first);
    expect(await features()).toEqual(AFTER);
  });

  it("that turns so at the same instant as the change is decided keeps them too", async () => {
    const [planned] = await race(paid(change), isNow("past_due"), "record_subscription");
    expect(planned.outcome).toBe("fulfill");
    expect(await features()).toEqual(BEFORE);
  });

  it("that turned so before is not changed, and has none", async () => {
    const [, planned] = await race(isNow("past_due"), paid(change), "record_intent");
    expect(planned).toMatchObject({
      outcome: "refund",
      plan: { refundReason: "subscription_changed" },
    });
    expect(await features()).toEqual([]);
  });

  it("has none where the change was not decided", async () => {
    await isNow("past_due")(first);
    expect(await features()).toEqual([]);
  });

  it("has none when it turns so after the change", async () => {
    const { plan } = await paid(change)(first);
    await done(change.sessionId, customer, plan.change.revision)(first);
    await isNow("past_due")(first);
    expect(await features()).toEqual([]);
  });

  it.each([["past_due", []], ["active", BEFORE]])(
    "follows what Stripe says once the change is given up: %s",
    async (status, kept) => {
      await paid(change)(first);
      await isNow("past_due")(first);
      await refuse(change)(first);
      await isNow(status)(first);
      expect(await features()).toEqual(kept);
    },
  );

  it("has the features that the facts give, and no others, as soon as the change is given up", async () => {
    await paid(change)(first);
    await isNow("past_due")(first);
    await refuse(change)(first);
    const { differences } = await owner.call<{ differences: { externalId: string }[] }>(
      "billing_private.rebuild_grants",
      { p_limit: 1_000, p_apply: false },
    );
    expect(differences.filter(({ externalId }) => externalId === customer.user)).toEqual([]);
  });
});
