import { expect, it } from "vitest";
import { readCatalogue } from "../../../catalogue/define.ts";
import { planOf } from "../../../catalogue/plan/plan.ts";
import { render } from "../../../catalogue/plan/render.ts";
import { readStripe } from "../../../catalogue/stripe/read.ts";
import type { StripeState } from "../../../catalogue/state.ts";
import { answer, listOf, recordedStripe, refusal } from "../shared/stripe/recorded.ts";
import { atStripe, database, empty, input, listed, nothing, stripe } from "./states.ts";

const catalogue = readCatalogue(input);
const row = database.organization;
if (row === null) throw new Error("there is no organization");
const plan = (known: string | null, there: StripeState) =>
  planOf(
    catalogue,
    { ...database, organization: { ...row, catalogueAccount: known } },
    there,
    false,
  );

it.each<[string, string | null, StripeState]>([
  ["another account than it was pushed to", "acct_1", { ...stripe, account: "acct_2" }],
  ["another account, which has nothing", "acct_1", { ...empty, account: "acct_2" }],
  ["an account with none of its ids, before it was known which has them", null, empty],
  ["an account that a restricted key does not show, with none of its ids", "acct_1", {
    ...empty,
    account: null,
  }],
  ["neither account known, and others' products there", null, {
    ...empty,
    account: null,
    products: [{ ...atStripe, id: "prod_9", organizationKey: undefined, productKey: undefined }],
    prices: [{ ...listed, id: "price_9", lookupKey: null, organizationKey: undefined }],
  }],
])("a key of another Stripe account makes nothing anew there: %s", (_what, known, there) => {
  expect(plan(known, there).problems).toEqual([
    expect.stringMatching(/^organization\.key: acme sells on .*STRIPE_SECRET_KEY is of/) as unknown,
  ]);
});

it.each<[string, string | null, StripeState, readonly string[]]>([
  ["its account, where all was deleted", "acct_1", empty, [
    '+ Stripe    product pro: create "Pro"',
    "+ Stripe    price monthly: create $29.00 every month, instead of price_1",
  ]],
  ["an account with one of its ids, which is kept from then on", null, {
    ...stripe,
    prices: [],
  }, [
    "+ Stripe    price monthly: create $29.00 every month, instead of price_1",
    '~ database  organization acme: catalogueAccount null -> "acct_1"',
  ]],
  ["an account that a restricted key does not show, with its ids", "acct_1", {
    ...stripe,
    account: null,
  }, ["nothing to do: the file, the database and Stripe agree"]],
])("a push goes on at %s", (_what, known, there, begun) => {
  const { problems, steps } = plan(known, there);
  expect(problems).toEqual([]);
  expect(render(steps).slice(0, begun.length)).toEqual(begun);
});

it("an organization that sells nothing yet is pushed to whatever account", () => {
  expect(planOf(catalogue, nothing, { ...empty, account: "acct_2" }, false).problems).toEqual([]);
  const rows = { ...nothing, organization: { ...row, catalogueAccount: "acct_1" } };
  expect(planOf(catalogue, rows, { ...empty, account: "acct_2" }, false).problems).toEqual([]);
});

const productAnswer = { id: "prod_1", object: "product", name: "Pro", metadata: {}, active: true };
const priceAnswer = {
  id: "price_1",
  object: "price",
  product: "prod_1",
  metadata: {},
  recurring: null,
};
const forbidden = refusal(403, { type: "invalid_request_error", message: "not for this key" });

it.each([
  ["a secret key, with its account", answer({ id: "acct_1", object: "account" }), "acct_1"],
  ["a restricted key, without", forbidden, null],
])("Stripe is read with what is archived by %s", async (_key, account, id) => {
  const { stripe: client, seen } = recordedStripe({
    "GET /v1/account": [account],
    "GET /v1/products": [listOf(productAnswer), listOf({ ...productAnswer, id: "prod_0" })],
    "GET /v1/prices": [listOf(priceAnswer), listOf({ ...priceAnswer, id: "price_0" })],
    "GET /v1/coupons": [listOf()],
  });
  const state = await readStripe(client, null, () => undefined);
  expect(state.account).toBe(id);
  expect(state.products.map((one) => one.id)).toEqual(["prod_1", "prod_0"]);
  expect(state.prices.map((one) => one.id)).toEqual(["price_1", "price_0"]);
  const asked = (call: string) =>
    seen.filter((one) => one.call === call).map(({ parameters }) => parameters["active"]);
  expect([asked("GET /v1/products"), asked("GET /v1/prices")])
    .toEqual([["true", "false"], ["true", "false"]]);
});
