import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ORGANIZATION } from "./billing.ts";
import { beginArguments, newToken, openDatabase, openShop, untilBlocked } from "./support.ts";

const database = await openDatabase();
const [service, second, owner] = await Promise.all([
  database.service(),
  database.service(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);
const ACCOUNT = "acct_1Merchant";

beforeEach(() =>
  owner.rows("update billing.organizations set stripe_account_id = $2 where id = $1", [
    ORGANIZATION,
    ACCOUNT,
  ])
);
afterEach(async () => {
  await owner.rows("delete from billing.stripe_accounts");
  await owner.rows("update billing.stripe_cursors set checked_at = '-infinity'");
});

const write = (seen: number, charges: boolean, authorized = true) => (connection: typeof service) =>
  connection.call("record_account", {
    p_seen_revision: seen,
    p_stripe_account_id: ACCOUNT,
    p_charges_enabled: charges,
    p_authorized: authorized,
  });
const begin = async () =>
  (await service.call("begin_checkout", beginArguments(await newToken(service, keyDigest))))
    .outcome;
const claim = (connection = service, seconds = 3600) =>
  connection.call<string[]>("claim_unavailable_accounts", {
    p_limit: 10,
    p_interval_seconds: seconds,
    p_livemode: false,
  });

const lost = () => owner.row("select deauthorized_at from billing.stripe_accounts");

const locate = (id: string) => service.call("locate_account", { p_stripe_account_id: id });

describe("a connected account", () => {
  it("that nothing has been heard about takes checkouts", async () => {
    expect(await begin()).toBe("created");
  });

  it.each([
    ["whose charges are disabled", false, true],
    ["that took its authorization back", false, false],
    ["that took its authorization back, whatever else is said", true, false],
  ])("%s opens no checkout, and does again when it is back", async (_what, charges, authorized) => {
    await write(0, charges, authorized)(service);
    expect(await begin()).toBe("merchant_account_unavailable");
    await write(1, true)(service);
    expect(await begin()).toBe("created");
  });

  it("does not stand in the way of an organization on the platform's own account", async () => {
    await write(0, false)(service);
    await owner.rows("update billing.organizations set stripe_account_id = null");
    expect(await begin()).toBe("created");
  });

  it("keeps the instant at which it was first lost", async () => {
    await write(0, false, false)(service);
    const first = await lost();
    await write(1, false, false)(service);
    expect(await lost()).toEqual(first);
  });

  it.each([0, 1])(
    "is written by one of two writers that read it under revision %i, and the other reads again",
    async (seen) => {
      if (seen === 1) await write(0, true)(service);
      await service.rows("begin");
      expect(await write(seen, false)(service)).toEqual({ outcome: "recorded" });
      const racing = write(seen, true)(second);
      await untilBlocked(owner, "record_account");
      await service.rows("commit");
      expect(await racing).toEqual({ outcome: "stale" });
    },
  );

  it("is not ours where no organization sells on it", async () => {
    expect(await locate("acct_foreign")).toBeNull();
    expect(await locate(ACCOUNT)).toBe("0");
  });
});

describe("an account that could not take payments", () => {
  it("is looked at again after a while, by one of two runs at the same instant", async () => {
    await write(0, false)(service);
    expect(await claim()).toEqual([]);
    await service.rows("begin");
    expect(await claim(service, 0)).toEqual([ACCOUNT]);
    expect(await claim(second, 0)).toEqual([]);
    await service.rows("commit");
  });

  it("is left alone once it can", async () => {
    await write(0, true)(service);
    expect(await claim(service, 0)).toEqual([]);
  });

  it("is read for missed events while its charges are disabled, and not once it is lost", async () => {
    const accounts = async () => {
      await owner.rows(
        "update billing.stripe_cursors set checked_at = '-infinity' where checked_at < 'infinity'",
      );
      const claimed = [];
      for (;;) {
        const one = await service.call<{ stripeAccountId: string | null } | null>("claim_account", {
          p_interval_seconds: 50,
          p_livemode: false,
        });
        if (one === null) return claimed;
        claimed.push(one.stripeAccountId);
      }
    };
    await write(0, false)(service);
    expect(await accounts()).toContain(ACCOUNT);
    await write(1, false, false)(service);
    expect(await accounts()).not.toContain(ACCOUNT);
    await write(2, true)(service);
    expect(await accounts()).toContain(ACCOUNT);
  });

  it("is not read while it is lost, also where somebody who was just reading it postpones it", async () => {
    const rest = () =>
      owner.row("select checked_at from billing.stripe_cursors where stripe_account_id = $1", [
        ACCOUNT,
      ]);
    await write(0, true, false)(service);
    await service.call("postpone_account", {
      p_stripe_account_id: ACCOUNT,
      p_livemode: false,
      p_seconds: 3_600,
    });
    expect(await rest()).toEqual({ checked_at: Infinity });
    await write(1, true)(service);
    expect(await rest()).toEqual({ checked_at: -Infinity });
  });
});

it("the service role makes an organization and connects its account", async () => {
  await service.rows("begin");
  try {
    await service.rows("insert into billing.organizations (name, livemode) values ('New', false)");
    await service.rows(
      "update billing.organizations set stripe_account_id = 'acct_1Connected' where name = 'New'",
    );
    expect(
      await service.rows(
        "select 1 from billing.stripe_cursors where stripe_account_id = 'acct_1Connected'",
      ),
    ).toHaveLength(1);
  } finally {
    await service.rows("rollback");
  }
});
