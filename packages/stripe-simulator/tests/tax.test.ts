import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { customerWith, DAY, idOf, priceOf, refusalOf, useBench } from "./simulator.ts";

const bench = useBench();

type Details = Stripe.InvoiceCreatePreviewParams.CustomerDetails;

function at(country: string, more: Partial<Stripe.AddressParam> = {}): Details {
  return { address: { country, ...more } };
}

/** What a subscription that costs 10000 would cost with the tax of a place. */
async function taxedFor(
  customer_details: Details,
  given: Partial<Stripe.PriceCreateParams> = {},
): Promise<Stripe.Invoice> {
  const price = await priceOf(bench.stripe, { unit_amount: 10_000, ...given });
  return bench.stripe.invoices.createPreview({
    automatic_tax: { enabled: true },
    customer_details,
    subscription_details: { items: [{ price: price.id }] },
  });
}

describe("the tax of a place", () => {
  it.each<[string, Details, number, string]>([
    ["Germany", at("DE"), 1900, "standard_rated"],
    ["Finland", at("FI"), 2550, "standard_rated"],
    ["Britain", at("gb"), 2000, "standard_rated"],
    ["New York", at("US", { postal_code: "10001" }), 400, "standard_rated"],
    ["Texas", at("US", { postal_code: "78701-1234", state: "TX" }), 625, "standard_rated"],
    ["California", at("US", { postal_code: "94107" }), 0, "not_subject_to_tax"],
    ["Alaska", at("US", { postal_code: "99501" }), 0, "not_collecting"],
    ["Ontario", at("CA", { state: "ON" }), 1300, "standard_rated"],
    ["Montréal", at("CA", { postal_code: "H2X 1Y4" }), 1498, "standard_rated"],
    ["Brazil", at("BR"), 0, "not_collecting"],
    [
      "a business in France",
      { ...at("FR"), tax_ids: [{ type: "eu_vat", value: "FR40303265045" }] },
      0,
      "reverse_charge",
    ],
    [
      "a business in Britain",
      { ...at("GB"), tax_ids: [{ type: "gb_vat", value: "GB123456789" }] },
      2000,
      "standard_rated",
    ],
    ["an exempt buyer", { ...at("DE"), tax_exempt: "exempt" }, 0, "customer_exempt"],
  ])("is that of %s", async (_name, details, tax, reason) => {
    const preview = await taxedFor(details);
    expect(preview).toMatchObject({ total: 10_000 + tax, total_excluding_tax: 10_000 });
    expect(preview.total_taxes?.reduce((all, one) => all + one.amount, 0)).toBe(tax);
    expect(preview.total_taxes?.[0]?.taxability_reason).toBe(reason);
  });

  it("is found inside of a price that contains it", async () => {
    const preview = await taxedFor(at("DE"), { unit_amount: 11_900, tax_behavior: "inclusive" });
    expect(preview).toMatchObject({
      total: 11_900,
      total_excluding_tax: 10_000,
      total_taxes: [{ amount: 1900, tax_behavior: "inclusive", taxable_amount: 10_000 }],
    });
  });

  it.each<[string, Details, string]>([
    [
      "the United States without a ZIP code",
      at("US", { state: "NY" }),
      "customer_tax_location_invalid",
    ],
    ["a ZIP code of no form", at("US", { postal_code: "1000" }), "customer_tax_location_invalid"],
    ["Canada alone", at("CA"), "customer_tax_location_invalid"],
    ["a country of nowhere", at("XX"), "customer_tax_location_invalid"],
    ["a country in words", at("Germany"), "customer_tax_location_invalid"],
    ["no place", { tax_exempt: "none" }, "customer_tax_location_invalid"],
    [
      "a VAT id of another form",
      { ...at("FR"), tax_ids: [{ type: "eu_vat", value: "FR1" }] },
      "tax_id_invalid",
    ],
  ])("is refused for %s", async (_name, details, code) => {
    expect(await refusalOf(taxedFor(details))).toMatchObject({ statusCode: 400, code });
  });
});

describe("a customer's tax id", () => {
  it("is kept, listed, and shown when asked for", async () => {
    const customer = await bench.stripe.customers.create();
    const made = await bench.stripe.customers.createTaxId(customer.id, {
      type: "eu_vat",
      value: "DE000000000",
    });
    expect(made).toMatchObject({ country: "DE", verification: { status: "verified" } });
    const shown = await bench.stripe.customers.retrieve(customer.id, {
      expand: ["tax_ids", "tax"],
    });
    expect(shown).toMatchObject({
      tax_ids: { data: [{ id: made.id }] },
      tax: { automatic_tax: "unrecognized_location" },
    });
    const { data } = await bench.stripe.customers.listTaxIds(customer.id);
    expect(data).toMatchObject([{ id: made.id, value: "DE000000000" }]);
    await bench.idle();
    expect(bench.types()).toContain("customer.tax_id.created");
  });

  it.each(
    [
      ["eu_vat", "DE12345678"],
      ["eu_vat", "US123456789"],
      ["gb_vat", "123456789"],
      ["us_ein", "123"],
      ["ca_gst_hst", "123456789"],
    ] as const,
  )("%s %s is refused", async (type, value) => {
    const customer = await bench.stripe.customers.create();
    const create = bench.stripe.customers.createTaxId(customer.id, { type, value });
    expect((await refusalOf(create)).code).toBe("tax_id_invalid");
    const made = bench.stripe.customers.create({ tax_id_data: [{ type, value }] });
    expect((await refusalOf(made)).code).toBe("tax_id_invalid");
  });

  it("does not help where the place is not recognized", async () => {
    const tax = { validate_location: "immediately" } as const;
    const create = bench.stripe.customers.create({ address: { country: "US" }, tax });
    expect((await refusalOf(create)).code).toBe("customer_tax_location_invalid");
    await bench.stripe.customers.create({ address: { country: "US", postal_code: "10001" }, tax });
  });
});

describe("a customer's address", () => {
  const montreal = { country: "CA", postal_code: "H2X 1Y4", state: "QC", city: "Montréal" };

  it("keeps what an update does not name, and loses what it names as empty", async () => {
    const { id } = await bench.stripe.customers.create({ address: montreal });
    const update = async (address: Stripe.Emptyable<Stripe.AddressParam>) =>
      (await bench.stripe.customers.update(id, { address })).address;
    const victoria = { postal_code: "V8V 1A1", city: "Victoria" };
    expect(await update(victoria)).toMatchObject({ ...montreal, ...victoria });
    expect(await update({ state: "", city: "" }))
      .toMatchObject({ country: "CA", postal_code: "V8V 1A1", state: null, city: null });
    expect(await update("")).toBeNull();
  });

  it("is judged as it is after the update", async () => {
    const { id } = await bench.stripe.customers.create({ address: montreal });
    const update = (address: Stripe.AddressParam) =>
      bench.stripe.customers.update(id, { address, tax: { validate_location: "immediately" } });
    expect((await update({ postal_code: "" })).address).toMatchObject({ state: "QC" });
    expect((await refusalOf(update({ state: "" }))).code).toBe("customer_tax_location_invalid");
  });
});

async function taxed(
  address: Stripe.AddressParam | null,
  more: Partial<Stripe.SubscriptionCreateParams> = {},
): Promise<Stripe.Subscription> {
  const { customer, method } = await customerWith(bench.stripe);
  if (address !== null) await bench.stripe.customers.update(customer, { address });
  const price = await priceOf(bench.stripe, { unit_amount: 10_000 });
  return bench.stripe.subscriptions.create({
    customer,
    default_payment_method: method,
    items: [{ price: price.id }],
    automatic_tax: { enabled: true },
    ...more,
  });
}

async function invoicesOf({ id }: Stripe.Subscription): Promise<Stripe.Invoice[]> {
  return (await bench.stripe.invoices.list({ subscription: id })).data;
}

describe("automatic tax", () => {
  it("is on each invoice of a subscription, after discounts, and in previews", async () => {
    const coupon = await bench.stripe.coupons.create({ percent_off: 50, duration: "forever" });
    const subscription = await taxed({ country: "DE" }, { discounts: [{ coupon: coupon.id }] });
    const preview = await bench.stripe.invoices.createPreview({ subscription: subscription.id });
    expect(preview).toMatchObject({ subtotal: 10_000, total_excluding_tax: 5000, total: 5950 });
    await bench.advance(32 * DAY);
    const [renewal, first] = await invoicesOf(subscription);
    for (const invoice of [first, renewal]) {
      expect(invoice).toMatchObject({
        amount_paid: 5950,
        automatic_tax: { enabled: true, status: "complete" },
        total_taxes: [{ amount: 950, tax_behavior: "exclusive", taxable_amount: 5000 }],
      });
    }
  });

  it("follows the customer's address and tax id", async () => {
    const subscription = await taxed({ country: "DE" });
    const customer = idOf(subscription.customer);
    await bench.stripe.customers.createTaxId(customer, { type: "eu_vat", value: "DE123456789" });
    await bench.advance(32 * DAY);
    const [renewal] = await invoicesOf(subscription);
    expect(renewal).toMatchObject({
      total: 10_000,
      total_taxes: [{ amount: 0, taxability_reason: "reverse_charge" }],
      customer_tax_ids: [{ type: "eu_vat", value: "DE123456789" }],
    });
  });

  it("is refused where the place is not known", async () => {
    expect((await refusalOf(taxed(null))).code).toBe("customer_tax_location_invalid");
    const off = await taxed(null, { automatic_tax: { enabled: false } });
    const on = { automatic_tax: { enabled: true } };
    const update = bench.stripe.subscriptions.update(off.id, on);
    expect((await refusalOf(update)).code).toBe("customer_tax_location_invalid");
  });

  it("switches itself off when the place is lost, and the invoice is paid without", async () => {
    const subscription = await taxed({ country: "US", postal_code: "10001" });
    await bench.stripe.customers.update(idOf(subscription.customer), { address: "" });
    await bench.advance(32 * DAY);
    const [renewal] = await invoicesOf(subscription);
    expect(renewal).toMatchObject({
      amount_paid: 10_000,
      automatic_tax: { enabled: false, disabled_reason: "finalization_requires_location_inputs" },
    });
    const after = await bench.stripe.subscriptions.retrieve(subscription.id);
    expect(after.automatic_tax).toMatchObject({
      enabled: false,
      disabled_reason: "requires_location_inputs",
    });
  });

  it("is previewed for a place where the customer will be", async () => {
    const { customer } = await customerWith(bench.stripe);
    const price = await priceOf(bench.stripe, { unit_amount: 10_000 });
    const preview = (customer_details: Stripe.InvoiceCreatePreviewParams.CustomerDetails) =>
      bench.stripe.invoices.createPreview({
        automatic_tax: { enabled: true },
        customer,
        customer_details,
        subscription_details: { items: [{ price: price.id }] },
      });
    expect((await preview({ address: { country: "FR" } })).total).toBe(12_000);
    const business = {
      address: { country: "FR" },
      tax_ids: [{ type: "eu_vat" as const, value: "FR40303265045" }],
    };
    expect((await preview(business)).total).toBe(10_000);
    expect((await refusalOf(preview({ address: { country: "US" } }))).code).toBe(
      "customer_tax_location_invalid",
    );
  });
});
