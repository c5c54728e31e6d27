import { currencies } from "@billingos/stripe-simulator/currencies";
import { describe, expect, it } from "vitest";
import { chargeStep, minimumCharge } from "../../shared/domain/currencies.ts";
import { openDatabase, openShop, PRO_PRODUCT } from "./support.ts";

const database = await openDatabase();
const owner = await database.owner();
await openShop(owner);
const service = await database.service();

const price = (amount: number, currency: string) =>
  service.rows(
    `insert into billing.product_prices (product_id, currency, unit_amount, recurring_interval)
     values ($1, $2, $3, 'month')`,
    [PRO_PRODUCT, currency, amount],
  );

describe("a currency in the database", () => {
  it("has the step and the least charge that the domain has", async () => {
    const rows = await owner.rows<{ code: string; step: string; least: string }>(
      `select code, billing_private.charge_step(code) as step, billing_private.minimum_charge(code) as least
       from unnest($1::text[]) code`,
      [currencies()],
    );
    expect(rows).toHaveLength(currencies().length);
    expect(rows.map(({ code, step, least }) => [code, Number(step), Number(least)])).toEqual(
      currencies().map((code) => [code, chargeStep(code), minimumCharge(code)]),
    );
  });

  it.each([
    [5_124, "kwd"],
    [5_001, "bhd"],
    [5_999, "jod"],
    [1, "omr"],
    [9_995, "tnd"],
    [12_345, "isk"],
    [50, "ugx"],
  ])("has no price of %d %s, which could not be charged", async (amount, currency) => {
    await expect(price(amount, currency)).rejects.toMatchObject({
      constraint: "product_prices_unit_amount_chargeable",
    });
  });

  it.each([[5_120, "kwd"], [12_300, "isk"], [0, "kwd"], [17_501, "huf"], [4_301, "jpy"]])(
    "has a price of %d %s",
    async (amount, currency) => {
      await expect(price(amount, currency)).resolves.toEqual([]);
    },
  );
});
