import { describe, expect, it } from "vitest";
import { waiting } from "./first-invoice.ts";
import { idOf, MERCHANT, refusalOf, useBench } from "./simulator.ts";

const bench = useBench();
const back = "https://merchant.example/account";
const features = {
  invoice_history: { enabled: true },
  payment_method_update: { enabled: true },
  subscription_cancel: { enabled: true },
};

async function subscribed() {
  const { subscription, invoice } = await waiting(bench);
  await bench.stripe.invoices.pay(invoice);
  const customer = idOf(subscription.customer);
  const configuration = await bench.stripe.billingPortal.configurations.create({ features });
  const { url } = await bench.stripe.billingPortal.sessions.create({
    customer,
    configuration: configuration.id,
    return_url: back,
  });
  const submit = (form: Record<string, string>) =>
    fetch(url, { method: "POST", body: new URLSearchParams(form) });
  const again = () => bench.stripe.subscriptions.retrieve(subscription.id);
  return { id: subscription.id, customer, url, submit, again };
}

describe("a session of the customer portal", () => {
  it("needs a configuration, and takes the default once the account's settings are saved", async () => {
    const account = { stripeAccount: MERCHANT };
    const { id: customer } = await bench.stripe.customers.create({}, account);
    const open = () => bench.stripe.billingPortal.sessions.create({ customer }, account);
    const refused = await refusalOf(open());
    expect(refused).toMatchObject({ type: "StripeInvalidRequestError", statusCode: 400 });
    expect(refused.message).toContain("default configuration has not been created");
    await bench.admin("POST", `/accounts/${MERCHANT}/save-portal`);
    const listed = await bench.stripe.billingPortal.configurations.list(
      { is_default: true, active: true },
      account,
    );
    expect((await open()).configuration).toBe(listed.data[0]?.id);
    expect(listed.data).toHaveLength(1);
  });

  it.each([
    ["a customer that is not there", { customer: "cus_none" }, "resource_missing"],
    ["a configuration that is not there", { configuration: "bpc_none" }, "resource_missing"],
    ["an address that is none", { return_url: "nowhere" }, "url_invalid"],
  ])("refuses %s", async (_what, given, code) => {
    const { id: customer } = await bench.stripe.customers.create({});
    const { id } = await bench.stripe.billingPortal.configurations.create({ features });
    const call = bench.stripe.billingPortal.sessions.create({
      customer,
      configuration: id,
      ...given,
    });
    expect((await refusalOf(call)).code).toBe(code);
  });

  it("is of no configuration that has been deactivated", async () => {
    const { id: customer } = await bench.stripe.customers.create({});
    const { id } = await bench.stripe.billingPortal.configurations.create({ features });
    await bench.stripe.billingPortal.configurations.update(id, { active: false });
    const call = bench.stripe.billingPortal.sessions.create({ customer, configuration: id });
    expect((await refusalOf(call)).param).toBe("configuration");
    const active = await bench.stripe.billingPortal.configurations.list({ active: true });
    expect(active.data.map((one) => one.id)).not.toContain(id);
  });
});

describe("the portal's page", () => {
  it("lets a subscription end with its period, and go on, and tells both", async () => {
    const { id, url, submit, again } = await subscribed();
    const page = await (await fetch(url)).text();
    expect(page).toContain("Cancel subscription");
    expect(page).toContain(back);
    expect((await submit({ action: "cancel", subscription: id })).status).toBe(200);
    const ending = await again();
    expect(ending.cancel_at).toBe(ending.items.data[0]?.current_period_end);
    expect(await (await fetch(url)).text()).toContain("Renew subscription");
    expect((await submit({ action: "renew", subscription: id })).status).toBe(200);
    expect(await again()).toMatchObject({ cancel_at: null, cancel_at_period_end: false });
    await bench.idle();
    const told = bench.received.filter(({ event }) =>
      event.type === "customer.subscription.updated" && event.data.object.id === id &&
      event.data.previous_attributes !== undefined &&
      "cancel_at" in event.data.previous_attributes
    );
    expect(told).toHaveLength(2);
  });

  it("replaces the card that pays", async () => {
    const { customer, submit, again } = await subscribed();
    const action = "replace_card";
    expect((await submit({ action, payment_method: "pm_card_mastercard" })).status).toBe(200);
    const known = await bench.stripe.customers.retrieve(customer);
    if (known.deleted) throw new Error("the customer is gone");
    const method = await bench.stripe.paymentMethods.retrieve(
      idOf(known.invoice_settings.default_payment_method),
    );
    expect(method).toMatchObject({ customer, card: { brand: "mastercard" } });
    const { default_payment_method: own } = await again();
    expect(own === null || idOf(own) === method.id).toBe(true);
  });

  it("is of its own customer: another's subscription is not there", async () => {
    const [mine, theirs] = [await subscribed(), await subscribed()];
    const answer = await mine.submit({ action: "cancel", subscription: theirs.id });
    expect(answer.status).toBe(400);
    expect((await theirs.again()).cancel_at).toBeNull();
  });

  it("has nothing that the configuration does not have", async () => {
    const { id, customer } = await subscribed();
    const { id: configuration } = await bench.stripe.billingPortal.configurations.create({
      features: { subscription_cancel: { enabled: false } },
    });
    const { url } = await bench.stripe.billingPortal.sessions.create({ customer, configuration });
    expect(await (await fetch(url)).text()).not.toContain("Cancel subscription");
    const body = new URLSearchParams({ action: "cancel", subscription: id });
    expect((await fetch(url, { method: "POST", body })).status).toBe(400);
  });

  it("is nowhere but at a session's own address", async () => {
    const { url } = await subscribed();
    expect((await fetch(`${url}x`)).status).toBe(404);
  });
});
