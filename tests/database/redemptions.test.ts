import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { attach, changesOf } from "./changing.ts";
import { openRaces } from "./races.ts";
import {
  beginArguments,
  complete,
  type Connection,
  MONTHLY,
  newToken,
  openSession,
  ORGANIZATION,
  record,
  subscriptionFacts,
} from "./support.ts";

const { first, second, owner, keyDigest, race } = await openRaces();
const { begin: beginChange, onFreePlan } = changesOf(first, keyDigest);

async function limited(limit: number): Promise<string> {
  const code = `C-${randomUUID()}`;
  await owner.rows(
    `insert into billing.discounts (organization_id, code, percent_off, max_redemptions) values ($1, $2, 50, $3)`,
    [ORGANIZATION, code, limit],
  );
  return code;
}
const ask = async (code: string, connection = first) =>
  connection.call(
    "begin_checkout",
    beginArguments(await newToken(connection, keyDigest), { p_coupon_code: code }),
  );
async function paid(code: string) {
  const session = await openSession(first, keyDigest, undefined, { p_coupon_code: code });
  await record(first, session, "succeeded");
  const facts = subscriptionFacts();
  return { session, end: (connection: Connection) => complete(connection, session, facts) };
}

describe("a discount with a limit", () => {
  it("is used by each of two checkouts that succeed at the same instant", async () => {
    const code = await limited(3);
    const [one, other] = [await paid(code), await paid(code)];
    const ends = await race(one.end, other.end, "complete_checkout");
    expect(ends.map(({ outcome }) => outcome)).toEqual(["succeeded", "succeeded"]);
    expect((await ask(code)).outcome).toBe("created");
    expect((await ask(code)).outcome).toBe("coupon_exhausted");
  });

  it("is used once by a checkout whose success is told twice", async () => {
    const code = await limited(2);
    const { end } = await paid(code);
    await end(first);
    await end(second);
    expect((await ask(code)).outcome).toBe("created");
    expect((await ask(code)).outcome).toBe("coupon_exhausted");
  });

  it("is used by a checkout that was paid after its expiry", async () => {
    const code = await limited(1);
    const session = await openSession(first, keyDigest, undefined, { p_coupon_code: code });
    await owner.rows("update billing.checkout_sessions set expires_at = now() where id = $1", [
      session.sessionId,
    ]);
    await record(first, session, "canceled");
    await record(first, session, "succeeded");
    expect(await complete(first, session)).toMatchObject({ outcome: "succeeded" });
    expect((await ask(code)).outcome).toBe("coupon_exhausted");
  });

  it("that was unlimited before has what was redeemed until then", async () => {
    const code = await limited(5);
    await owner.rows("update billing.discounts set max_redemptions = null where code = $1", [code]);
    await (await paid(code)).end(first);
    await owner.rows("update billing.discounts set max_redemptions = 1 where code = $1", [code]);
    expect((await ask(code)).outcome).toBe("coupon_exhausted");
  });

  // A create that would change a subscription waits for it, and a completion holds it: they would wait for each other.
  it("is held by a create that no completion waits for, of a change neither", async () => {
    const code = await limited(5);
    const customer = await onFreePlan();
    const change = { p_coupon_code: code };
    const { session } = await beginChange(customer, MONTHLY, change);
    const opened = await attach(first, session.id);
    await record(first, opened, "succeeded");
    const bought = await paid(code);
    await second.rows("begin");
    try {
      await ask(code, second);
      // A wait would end in an error.
      await first.rows("set lock_timeout = '2s'");
      expect(await complete(first, opened)).toMatchObject({ outcome: "succeeded" });
      expect(await bought.end(first)).toMatchObject({ outcome: "succeeded" });
    } finally {
      await second.rows("rollback");
      await first.rows("reset lock_timeout");
    }
  });
});
