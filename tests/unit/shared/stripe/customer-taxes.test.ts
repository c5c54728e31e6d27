import { describe, expect, it } from "vitest";
import type { FulfillmentPlan } from "../../../../shared/domain/plans.ts";
import { customers } from "../../../../shared/stripe/customers.ts";
import { HOME, plan } from "./plans.ts";
import { type Answer, answer, invalid, listOf, missing, recordedStripe } from "./recorded.ts";

const READ = "GET /v1/customers/cus_OabcDEF";
const UPDATE = "POST /v1/customers/cus_OabcDEF";
const IDS = "GET /v1/customers/cus_OabcDEF/tax_ids";
const ADD = "POST /v1/customers/cus_OabcDEF/tax_ids";

const customer = { id: "cus_OabcDEF", object: "customer", address: null };
const taxId = { type: "eu_vat", value: "DE123456789" };
const known = { id: "txi_1", object: "tax_id", ...taxId };
const at = (id: typeof taxId | null): FulfillmentPlan => ({
  ...plan,
  tax: { address: HOME, taxId: id },
});

async function told(
  wanted: FulfillmentPlan,
  answers: Readonly<Record<string, readonly Answer[]>>,
  id = "cus_OabcDEF",
) {
  const { stripe, seen, calls } = recordedStripe(answers);
  const outcome = await customers(stripe).tellTax(wanted, id).then(
    () => "told",
    (error: unknown) => error,
  );
  return { outcome, seen, calls: calls() };
}

describe("where a customer is taxed", () => {
  it("is nobody's business where Stripe Tax adds nothing", async () => {
    expect(await told(plan, {})).toMatchObject({ outcome: "told", calls: [] });
  });

  it("is told by the address that the sale was shown with; of an older one nothing stays", async () => {
    const { outcome, seen, calls } = await told(at(null), { [UPDATE]: [answer(customer)] });
    expect({ outcome, calls }).toEqual({ outcome: "told", calls: [UPDATE] });
    expect(seen[0]?.parameters).toEqual({
      "address[country]": "DE",
      "address[postal_code]": "10115",
      "address[city]": "Berlin",
      "address[line1]": "Am Markt 1",
      "address[line2]": "",
      "address[state]": "",
    });
  });

  it("is believed refused only where the customer is not there already", async () => {
    const address = {
      country: "DE",
      postal_code: "10115",
      state: null,
      city: "Berlin",
      line1: "Am Markt 1",
      line2: null,
    };
    const refused = { [UPDATE]: [invalid()] };
    const there = await told(at(null), { ...refused, [READ]: [answer({ ...customer, address })] });
    expect(there.outcome).toBe("told");
    for (
      const differs of [
        { country: "FR" },
        { line1: "Am Markt 2" },
        { postal_code: null },
        { state: "BY" },
      ]
    ) {
      const elsewhere = { ...customer, address: { ...address, ...differs } };
      expect((await told(at(null), { ...refused, [READ]: [answer(elsewhere)] })).outcome)
        .toBeInstanceOf(Error);
    }
  });
});

describe("a customer's tax id", () => {
  const placed = { [UPDATE]: [answer(customer)] };

  it("is added once", async () => {
    const first = await told(at(taxId), { ...placed, [IDS]: [listOf()], [ADD]: [answer(known)] });
    expect(first.calls).toEqual([UPDATE, IDS, ADD]);
    expect(first.seen[2]?.parameters).toEqual(taxId);
    const again = await told(at(taxId), { ...placed, [IDS]: [listOf(known)] });
    expect(again).toMatchObject({ outcome: "told", calls: [UPDATE, IDS] });
  });

  it.each([
    ["value", { value: "DE987654321" }],
    ["type", { type: "de_stn" }],
  ])("is not another one of the customer's: %s", async (_what, differs) => {
    const other = { ...known, ...differs };
    const { calls } = await told(at(taxId), {
      ...placed,
      [IDS]: [listOf(other)],
      [ADD]: [answer(known)],
    });
    expect(calls).toEqual([UPDATE, IDS, ADD]);
  });

  it("that the tax office does not know any more costs no paid customer the subscription", async () => {
    const { outcome } = await told(at(taxId), {
      ...placed,
      [IDS]: [listOf()],
      [ADD]: [invalid({ code: "tax_id_invalid", param: "value" })],
    });
    expect(outcome).toBe("told");
  });

  it("that is refused for another reason is tried again", async () => {
    const { outcome } = await told(at(taxId), {
      ...placed,
      [IDS]: [listOf()],
      [ADD]: [missing("id")],
    });
    expect(outcome).toMatchObject({ stripeCode: "resource_missing" });
  });
});

it("a customer who was made anew is told of under other keys: the old ones are other requests'", async () => {
  const anew = {
    "POST /v1/customers/cus_anew": [answer(customer)],
    "GET /v1/customers/cus_anew/tax_ids": [listOf()],
    "POST /v1/customers/cus_anew/tax_ids": [answer(known)],
  };
  const before = await told(at(taxId), {
    [UPDATE]: [answer(customer)],
    [IDS]: [listOf()],
    [ADD]: [answer(known)],
  });
  const after = await told(at(taxId), anew, "cus_anew");
  const keys = [...before.seen, ...after.seen].flatMap(({ key }) => key ?? []);
  expect(new Set(keys).size).toBe(4);
});
