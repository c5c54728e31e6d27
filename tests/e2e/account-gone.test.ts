import { afterAll, describe, expect, it } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { letPass } from "../support/let-pass.ts";
import { reconcileOf } from "../support/reconcile.ts";
import { openShop, refusal } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const reconcile = () => reconcileOf(stack());
const shops: Awaited<ReturnType<typeof openShop>>[] = [];
afterAll(() => Promise.all(shops.map((shop) => shop.close())));

/** A shop whose merchant cuts the connection after a session was opened. */
async function deauthorized(card?: string) {
  const shop = await openShop(stack(), { applicationFeeBps: 100 });
  shops.push(shop);
  const session = await shop.create();
  if (card !== undefined) await shop.pay(session, card);
  await shop.idle();
  await shop.admin("POST", `/accounts/${shop.account}/deauthorize`);
  return { shop, session };
}

describe("a session on an account that its merchant took away from the platform", () => {
  it.each([["nobody paid", undefined], ["waits for the bank", "pm_card_threeDSecure2Required"]])(
    "that %s expires on time, for no card can pay it any more",
    async (_what, card) => {
      const { shop, session } = await deauthorized(card);
      await letPass(shop, session, "1 hour");
      const { sessions } = await reconcile();
      expect(sessions.failed).toBe(0);
      expect(await shop.status(session)).toMatchObject({ status: "expired" });
      expect(await refusal(shop.pay(session))).toMatchObject({ status: 409 });
    },
  );

  it("is not ended before its expiry: the merchant may connect again", async () => {
    const { shop, session } = await deauthorized();
    expect(await refusal(shop.pay(session))).toMatchObject({
      status: 409,
      code: "merchant_account_unavailable",
    });
    expect(await shop.status(session)).toMatchObject({ status: "pending" });
  });

  it("is asked after ever less often where its debit is on its way", async () => {
    const { shop, session } = await deauthorized("pm_usBankAccount_success");
    await letPass(shop, session, "2 days");
    await reconcile();
    const checked = () =>
      shop.one<{ checked_at: Date }>(
        "select checked_at from billing.checkout_sessions where id = $1",
        [
          session.id,
        ],
      );
    const before = await checked();
    await letPass(shop, session, "0 seconds");
    await reconcile();
    expect(await checked()).toEqual(before);
    expect(await shop.status(session)).toMatchObject({ status: "processing" });
  });
});

describe("an account that is gone", () => {
  it("is asked for missed events once an hour where nobody told of it, and no other waits for it", async () => {
    const { shop } = await deauthorized();
    await shop.idle();
    await shop.query("delete from billing.stripe_accounts where stripe_account_id = $1", [
      shop.account,
    ]);
    await shop.query(
      "update billing.stripe_cursors set checked_at = '-infinity' where stripe_account_id = $1",
      [shop.account],
    );
    const due = async () => {
      await shop.query(
        "update billing.stripe_cursors set checked_at = now() - interval '2 minutes' where checked_at < now()",
      );
      return reconcile();
    };
    await due();
    const { wait } = await shop.one<{ wait: number }>(
      "select extract(epoch from checked_at - now())::bigint::float8 as wait from billing.stripe_cursors where stripe_account_id = $1",
      [shop.account],
    );
    expect(wait).toBeGreaterThan(3_000);
    expect((await due()).missedEvents.failed).toBe(0);
  });
});

it("an outage of Stripe leaves a session past its expiry to later looks, ever less often", async () => {
  const shop = await openShop(stack());
  shops.push(shop);
  const session: CreateResponse = await shop.create();
  const wait = async (age: string) => {
    const { seconds } = await shop.one<{ seconds: number }>(
      `select extract(epoch from billing_private.session_repair_at(jsonb_populate_record(s, jsonb_build_object(
         'expires_at', now() - $2::interval, 'checked_at', now(), 'updated_at', now() - $2::interval
       ))) - now())::int as seconds
       from billing.checkout_sessions s where id = $1`,
      [session.id, age],
    );
    return seconds;
  };
  expect([await wait("1 second"), await wait("10 minutes"), await wait("3 days")])
    .toEqual([5, 30, 3_600]);
});
