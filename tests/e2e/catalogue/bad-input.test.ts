import { describe, expect, it } from "vitest";
import { type CatalogueInput, readCatalogue } from "../../../catalogue/define.ts";
import { push } from "../../../catalogue/push.ts";
import { catalogue } from "../../../scripts/catalogue.ts";
import { runCommand } from "../../support/command.ts";
import { at, failed, keyOf, openCatalogues, wares } from "./shelf.ts";

const { stripe, database, env, typed, everything } = await openCatalogues();

describe("what cannot be used is told by its setting, with exit code 2, and nothing is done", () => {
  it.each<[string, (input: CatalogueInput) => unknown, string]>([
    ["an amount with decimals", (input) => at(29.5, input), "products.pro.prices.monthly.amount"],
    [
      "a key that is no key",
      (input) => ({ ...input, products: { "A B": { name: "x", prices: {} } } }),
      "products.A B",
    ],
    ["a setting that is none", (input) => ({ ...input, prices: {} }), "prices is no setting"],
    ["a product that Stripe does not have", (input) => ({
      ...input,
      products: { pro: { name: "Pro", prices: {}, stripeId: "prod_nobodys" } },
      discounts: {},
    }), "products.pro.stripeId"],
    ["no catalogue at all", () => undefined, "default export"],
  ])("%s", async (_what, change, told) => {
    const input = wares();
    const { code, stderr } = await failed(typed("push", change(input)));
    expect([code, stderr]).toEqual([2, expect.stringContaining(told)]);
    const there = await everything(keyOf(input));
    expect([there.prices, there.products, there.rows]).toEqual([[], [], [[], [], []]]);
  });

  it.each<[string, Record<string, string>, string[], string]>([
    ["no Stripe key", { STRIPE_SECRET_KEY: "" }, ["plan"], "STRIPE_SECRET_KEY"],
    [
      "a Stripe key that Stripe does not know",
      { STRIPE_SECRET_KEY: "sk_test_nobodys" },
      ["plan"],
      "STRIPE_SECRET_KEY",
    ],
    ["no file", {}, ["plan", "--file", "/nowhere/billing.ts"], "--file"],
    ["no command", {}, [], "which command"],
    [
      "a pull that does not say for whom",
      {},
      ["pull", "--file", "/nowhere/new.ts"],
      "--organization",
    ],
    ["a pull's option for another command", {}, ["plan", "--force"], "--force"],
  ])("%s", async (_what, changed, argv, told) => {
    const { code, stderr } = await failed(runCommand(catalogue, { ...env, ...changed }, argv));
    expect([code, stderr]).toEqual([2, expect.stringContaining(told)]);
  });

  it("a live key beside an organization in test mode", async () => {
    const input = wares();
    await typed("push", input);
    const place = { client: database, stripe, livemode: true, progress: () => undefined };
    await expect(push(place, readCatalogue(input))).rejects.toThrow("organization.key");
  });

  it("a key of another Stripe account than the organization sells on", async () => {
    const input = wares();
    await typed("push", input);
    const moved = `update billing.organizations set catalogue_account_id = 'acct_Elsewhere'
       where key = $1 and catalogue_account_id = $2`;
    const { id } = await stripe.accounts.retrieve(null);
    expect((await database.query(moved, [keyOf(input), id])).rowCount).toBe(1);
    const before = await everything(keyOf(input));
    const { code, stderr } = await failed(typed("push", input));
    expect([code, stderr]).toEqual([2, expect.stringContaining("sells on acct_Elsewhere")]);
    expect(await everything(keyOf(input))).toEqual(before);
  });
});
