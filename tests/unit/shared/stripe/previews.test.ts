import { describe, expect, it } from "vitest";
import { type FirstInvoice, previews } from "../../../../shared/stripe/previews.ts";
import { HOME, invoice, PRORATED } from "./plans.ts";
import { type Answer, answer, invalid, listOf, missing, recordedStripe } from "./recorded.ts";

const PREVIEW = "POST /v1/invoices/create_preview";

const wanted: FirstInvoice = {
  stripePriceId: "price_1NabcDEF",
  quantity: 3,
  currency: "usd",
  stripeCustomerId: null,
  couponId: undefined,
  tax: null,
  stripeAccountId: null,
};

async function first(differs: Partial<FirstInvoice> = {}) {
  const { stripe, seen } = recordedStripe({ [PREVIEW]: [answer(invoice)] });
  const { amount_due } = await previews(stripe).firstInvoice({ ...wanted, ...differs });
  expect(amount_due).toBe(2_900);
  expect(seen).toHaveLength(1);
  return seen[0];
}

const partsOf = (parameters: Readonly<Record<string, string>> = {}) =>
  Object.entries(parameters).flatMap(([name, value]) => {
    const part = /^customer_details\[address\]\[(\w+)\]$/.exec(name)?.[1];
    return part === undefined ? [] : [`${part} ${value}`];
  }).toSorted();

describe("the preview of a first invoice", () => {
  const least = {
    currency: "usd",
    "subscription_details[items][0][price]": "price_1NabcDEF",
    "subscription_details[items][0][quantity]": "3",
  };

  it("asks of the price for its seats, and of nothing that was not sold", async () => {
    expect(await first()).toMatchObject({ call: PREVIEW, account: null });
    expect((await first())?.parameters).toEqual(least);
  });

  it.each<[string, Partial<FirstInvoice>, Record<string, string>]>([
    ["the returning customer, with the balance and discounts that they have", {
      stripeCustomerId: "cus_OabcDEF",
    }, { customer: "cus_OabcDEF" }],
    ["the session's coupon", { couponId: "coupon-1" }, { "discounts[0][coupon]": "coupon-1" }],
    ["taxes, by the address that was given", { tax: { address: HOME, taxId: null } }, {
      "automatic_tax[enabled]": "true",
      "customer_details[address][country]": "DE",
      "customer_details[address][postal_code]": "10115",
      "customer_details[address][city]": "Berlin",
      "customer_details[address][line1]": "Am Markt 1",
    }],
    ["taxes, by the tax id that was given", {
      tax: { address: { country: "DE" }, taxId: { type: "eu_vat", value: "DE123456789" } },
    }, {
      "automatic_tax[enabled]": "true",
      "customer_details[address][country]": "DE",
      "customer_details[tax_ids][0][type]": "eu_vat",
      "customer_details[tax_ids][0][value]": "DE123456789",
    }],
  ])("asks for %s", async (_what, differs, parameters) => {
    expect((await first(differs))?.parameters).toEqual({ ...least, ...parameters });
  });

  it.each<[string, Answer, string[]]>([
    [
      "beside those that the customer has already, each once",
      listOf(
        { type: "eu_vat", value: "FR40303265045" },
        { type: "eu_vat", value: "DE123456789" },
        { type: "unknown", value: "of an older time" },
      ),
      ["FR40303265045", "DE123456789"],
    ],
    ["alone where the customer is gone", missing("id"), ["DE123456789"]],
  ])("asks for the tax id that was given %s", async (_how, known, values) => {
    const { stripe, seen } = recordedStripe({
      "GET /v1/customers/cus_OabcDEF/tax_ids": [known],
      [PREVIEW]: [answer(invoice)],
    });
    await previews(stripe).firstInvoice({
      ...wanted,
      stripeCustomerId: "cus_OabcDEF",
      tax: { address: { country: "DE" }, taxId: { type: "eu_vat", value: "DE123456789" } },
    });
    const named = Object.entries(seen[1]?.parameters ?? {}).filter(([name]) =>
      /tax_ids.*value/.test(name)
    );
    expect(named.map(([, value]) => value)).toEqual(values);
  });

  it("names every part of a returning customer's address, so that no old one counts beside the new", async () => {
    const seen = await first({
      stripeCustomerId: "cus_OabcDEF",
      tax: { address: { country: "DE", city: "Berlin" }, taxId: null },
    });
    expect(partsOf(seen?.parameters))
      .toEqual(["city Berlin", "country DE", "line1 ", "line2 ", "postal_code ", "state "]);
  });

  it("names those that are known alone where Stripe takes no empty one", async () => {
    const { stripe, seen } = recordedStripe({
      [PREVIEW]: [invalid({ code: "parameter_invalid_empty" }), answer(invoice)],
    });
    await previews(stripe).firstInvoice({
      ...wanted,
      stripeCustomerId: "cus_OabcDEF",
      tax: { address: { country: "DE", city: "Berlin" }, taxId: null },
    });
    expect(seen).toHaveLength(2);
    expect(partsOf(seen[1]?.parameters)).toEqual(["city Berlin", "country DE"]);
  });

  it("asks for all of them at once, on the session's account", async () => {
    const seen = await first({
      stripeCustomerId: "cus_OabcDEF",
      couponId: "coupon-1",
      tax: { address: HOME, taxId: null },
      stripeAccountId: "acct_1",
    });
    expect(seen?.account).toBe("acct_1");
    expect(seen?.parameters).toMatchObject({
      customer: "cus_OabcDEF",
      "discounts[0][coupon]": "coupon-1",
      "automatic_tax[enabled]": "true",
      "customer_details[address][country]": "DE",
    });
  });

  it("that Stripe refuses is told in our words", async () => {
    const { stripe } = recordedStripe({
      [PREVIEW]: [invalid({ code: "customer_tax_location_invalid" })],
    });
    await expect(previews(stripe).firstInvoice(wanted)).rejects
      .toMatchObject({ name: "CheckoutError", code: "address_invalid" });
  });
});

describe("the preview of a change", () => {
  const change = {
    stripeSubscriptionId: "sub_1NabcDEF",
    itemId: "si_OabcDEF",
    stripePriceId: "price_dear",
    quantity: 2,
    restarts: false,
  };
  const asked = async (differs: { proratedAt?: number; restarts?: boolean }) => {
    const { stripe, seen } = recordedStripe({ [PREVIEW]: [answer(invoice)] });
    await previews(stripe).change({ ...change, ...differs }, "acct_1");
    expect(seen[0]?.account).toBe("acct_1");
    return seen[0]?.parameters;
  };
  const least = {
    subscription: "sub_1NabcDEF",
    "subscription_details[items][0][id]": "si_OabcDEF",
    "subscription_details[items][0][price]": "price_dear",
    "subscription_details[items][0][quantity]": "2",
    "subscription_details[proration_behavior]": "always_invoice",
  };
  const asOf = { "subscription_details[proration_date]": String(PRORATED) };
  const anew = { "subscription_details[billing_cycle_anchor][type]": "now" };

  it.each([
    ["as of now by Stripe's clock, the period going on", {}, {}],
    ["as of an instant that was kept", { proratedAt: PRORATED }, asOf],
    ["with a new period", { restarts: true }, anew],
    ["with a new period, as of an instant", { proratedAt: PRORATED, restarts: true }, {
      ...asOf,
      ...anew,
    }],
  ])("is %s", async (_how, differs, parameters) => {
    expect(await asked(differs)).toEqual({ ...least, ...parameters });
  });
});
