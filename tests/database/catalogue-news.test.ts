import { beforeAll, describe, expect, it } from "vitest";
import { MONTHLY, openDatabase, PRO_PRODUCT, untilBlocked } from "./support.ts";

const database = await openDatabase();
const [service, second, owner] = await Promise.all([
  database.service(),
  database.service(),
  database.owner(),
]);

const locate = (id: string, account?: string) =>
  service.call<string | null>("locate_offer", {
    p_stripe_id: id,
    ...(account === undefined ? {} : { p_stripe_account_id: account }),
  });
const sold = async () =>
  (await owner.row("select on_sale from billing.product_prices where id = $1", [MONTHLY]))[
    "on_sale"
  ];
const shownProduct = () =>
  owner.row("select name, description, on_sale as active from billing.products where id = $1", [
    PRO_PRODUCT,
  ]);

describe("Stripe's news of an offer", () => {
  const PRICE = "price_news";
  const PRODUCT = "prod_news";
  beforeAll(async () => {
    await owner.rows("update billing.product_prices set stripe_price_id = $2 where id = $1", [
      MONTHLY,
      PRICE,
    ]);
    await owner.rows("update billing.products set stripe_product_id = $2 where id = $1", [
      PRO_PRODUCT,
      PRODUCT,
    ]);
  });
  const price = (seen: unknown, active: boolean, connection = service) =>
    connection.call("record_price", {
      p_seen_revision: seen,
      p_stripe_price_id: PRICE,
      p_active: active,
    });
  const product = (seen: unknown, facts: object) =>
    service.call("record_product", { p_seen_revision: seen, p_product: { id: PRODUCT, ...facts } });
  it("is written, unless another wrote after Stripe was read", async () => {
    const seen = await locate(PRICE);
    expect(await price(seen, false)).toEqual({ outcome: "recorded" });
    expect(await price(seen, true)).toEqual({ outcome: "stale" });
    expect(await sold()).toBe(false);
    expect(await price(await locate(PRICE), true)).toEqual({ outcome: "recorded" });
    expect(await sold()).toBe(true);
  });

  it("waits for a writer that came first, and is stale then", async () => {
    const seen = await locate(PRICE);
    await second.rows("begin");
    expect(await price(seen, false, second)).toEqual({ outcome: "recorded" });
    const later = price(seen, true);
    await untilBlocked(owner, "record_price");
    await second.rows("commit");
    expect(await later).toEqual({ outcome: "stale" });
    expect(await sold()).toBe(false);
    await price(await locate(PRICE), true);
  });

  it("keeps a product's name where it is gone from Stripe, and takes an empty description", async () => {
    await product(await locate(PRODUCT), { active: true, name: "Prime", description: null });
    expect(await shownProduct()).toEqual({ name: "Prime", description: null, active: true });
    await product(await locate(PRODUCT), { active: false });
    expect(await shownProduct()).toEqual({ name: "Prime", description: null, active: false });
  });

  it.each([
    ["251 letters", "N".repeat(251), "N".repeat(250)],
    ["as many as Stripe takes", "é".repeat(5_000), "é".repeat(250)],
    ["none", "", "Prime"],
  ])(
    "is of a product with a name of %s: what does not fit holds back nothing",
    async (_letters, name, kept) => {
      await product(await locate(PRODUCT), { active: true, name: "Prime", description: null });
      const news = { active: false, name, description: "D".repeat(40_000) };
      expect(await product(await locate(PRODUCT), news)).toEqual({ outcome: "recorded" });
      expect(await shownProduct()).toEqual({ ...news, name: kept });
    },
  );

  it.each([
    ["archived", "active = false, archived_at = now()"],
    ["taken off by hand", "active = false"],
  ])(
    "does not sell again what its owner has %s, whatever Stripe said meanwhile",
    async (_how, set) => {
      await owner.rows(`update billing.product_prices set ${set} where id = $1`, [MONTHLY]);
      await owner.rows(`update billing.products set ${set} where id = $1`, [PRO_PRODUCT]);
      for (const active of [true, false, true]) {
        expect(await price(await locate(PRICE), active)).toEqual({ outcome: "recorded" });
        expect(await product(await locate(PRODUCT), { active })).toEqual({ outcome: "recorded" });
        expect([await sold(), (await shownProduct())["active"]]).toEqual([false, false]);
      }
      await owner.rows(
        "update billing.product_prices set active = true, archived_at = null where id = $1",
        [MONTHLY],
      );
      await owner.rows(
        "update billing.products set active = true, archived_at = null where id = $1",
        [PRO_PRODUCT],
      );
      expect([await sold(), (await shownProduct())["active"]]).toEqual([true, true]);
    },
  );

  it("is about nothing of ours on another account, or of another id", async () => {
    expect(await locate("price_nobodys")).toBe(null);
    expect(await locate(PRICE, "acct_other")).toBe(null);
    expect(
      await service.call("record_price", {
        p_seen_revision: 1,
        p_stripe_price_id: PRICE,
        p_active: true,
        p_stripe_account_id: "acct_other",
      }),
    ).toEqual({ outcome: "unknown" });
  });
});
