import { afterAll, describe, expect, it } from "vitest";
import { openShop, refusal } from "../../support/shop.ts";
import { stack } from "../../support/stack.ts";
import { openOldSystem } from "../import/old-system.ts";
import { drifting } from "./drifting.ts";

const shop = await openShop(stack(), { applicationFeeBps: 100 });
afterAll(() => shop.close());
const { report, unheard } = drifting(stack(), shop);
const old = await openOldSystem(stack(), shop);
const row = (stripeId: string) =>
  shop.one(
    "select status, stripe_account_id as account from billing.subscriptions where stripe_subscription_id = $1",
    [stripeId],
  );

describe("on a connected account", () => {
  it("a subscription is moved in, and brought in line, on that account", async () => {
    const customer = await old.customer();
    const { stripeId } = await old.subscription(
      customer,
      await old.stripePriceOf(shop.pro.priceId),
    );
    expect(await old.applied()).toMatchObject({ code: 0, subscriptions: { imported: 1 } });
    expect(await row(stripeId)).toEqual({ status: "active", account: shop.account });
    await unheard(() => shop.stripe.subscriptions.cancel(stripeId, {}, shop.onAccount));
    expect((await report("--apply")).findings).toContainEqual(
      expect.objectContaining({ stripeId, account: shop.account, repaired: true }),
    );
    expect(await row(stripeId)).toMatchObject({ status: "canceled" });
  });

  it("what that account may do is told where no event told it, and a checkout follows it once it is brought in line", async () => {
    const account = { kind: "account", stripeId: shop.account, problem: "differs" };
    const charges = (here: boolean, atStripe: boolean) => ({
      ...account,
      account: shop.account,
      fields: [{ field: "chargesEnabled", here, atStripe }],
    });
    const set = (what: string) =>
      unheard(() => shop.admin("POST", `/accounts/${shop.account}/${what}`));
    await set("disable-charges");
    expect((await report()).findings).toEqual([charges(true, false)]);
    expect(await report("--apply")).toMatchObject({ code: 0, left: 0, repaired: 1 });
    expect(await refusal(shop.create())).toMatchObject({ code: "merchant_account_unavailable" });
    await set("enable-charges");
    expect(await report("--apply")).toMatchObject({
      code: 0,
      findings: [{ ...charges(false, true), repaired: true }],
    });
    await shop.create();
    expect(await report()).toMatchObject({ code: 0, findings: [] });
  });

  it("that the merchant took away unheard is told, so that no checkout is begun there", async () => {
    await unheard(() => shop.admin("POST", `/accounts/${shop.account}/deauthorize`));
    expect(await report("--apply")).toMatchObject({
      code: 1,
      findings: [
        { problem: "differs", repaired: true },
        { problem: "gone", repaired: false },
      ],
    });
    expect(await refusal(shop.create())).toMatchObject({ code: "merchant_account_unavailable" });
  });

  it("that the merchant took away nothing is read, which is told and no failure of the rest", async () => {
    const { code, findings } = await report("--apply");
    expect([code, findings]).toEqual([1, [{
      kind: "account",
      stripeId: shop.account,
      problem: "gone",
      account: shop.account,
      repaired: false,
    }]]);
  });

  it("that the merchant took away nobody is moved in, with exit code 2", async () => {
    await old.insert("customers", { external_id: "a new one", stripe_customer_id: "cus_1" });
    const error = await old.run("--apply").then(() => undefined, (thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--organization") as unknown,
    });
  });
});
