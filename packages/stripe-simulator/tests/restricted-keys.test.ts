import { expect, it } from "vitest";
import { clientFor, useBench } from "./simulator.ts";

const KEY = "rk_test_simulator_narrow";
const CONNECTED = "rk_test_simulator_connected";
const bench = useBench({
  restrictedKeys: {
    [KEY]: ["customer_write", "event_read"],
    [CONNECTED]: ["event_read", "connect_customer_write"],
  },
});
const restricted = () => clientFor(bench.simulator, KEY);

it("a restricted key does what it may: writing includes reading", async () => {
  const { id } = await restricted().customers.create({ name: "Ada" });
  expect(await restricted().customers.retrieve(id)).toMatchObject({ name: "Ada" });
  expect((await restricted().events.list()).data).not.toEqual([]);
});

it("the key's own account is shown to a secret key, and to no restricted one", async () => {
  const { id } = await bench.stripe.accounts.retrieve(null);
  expect(await bench.stripe.accounts.retrieve(id)).toMatchObject({ id, object: "account" });
  await expect(restricted().accounts.retrieve(null)).rejects.toMatchObject({
    type: "StripePermissionError",
    message: expect.stringContaining("not available for use by restricted keys") as unknown,
  });
});

it.each([
  ["read", () => restricted().charges.list(), "rak_charge_read"],
  ["write", () => restricted().refunds.create({ payment_intent: "pi_none" }), "rak_refund_write"],
  [
    "write below another",
    () => restricted().customers.createTaxId("cus_none", { type: "eu_vat", value: "DE123456789" }),
    "rak_tax_id_write",
  ],
])(
  "and no more: to %s it is told the permission, before an object is looked for",
  async (_what, call, name) => {
    await expect(call()).rejects.toMatchObject({
      type: "StripePermissionError",
      statusCode: 403,
      message: expect.stringMatching(new RegExp(`'${name}' permission`)) as unknown,
    });
    await expect(call()).rejects.toMatchObject({
      message: expect.not.stringContaining(KEY) as unknown,
    });
  },
);

it("what a restricted key may do on connected accounts is a right of its own", async () => {
  const account = "acct_restricted";
  await bench.admin("POST", "/accounts", { id: account });
  const there = { stripeAccount: account };
  const connected = clientFor(bench.simulator, CONNECTED);
  expect(await connected.customers.create({}, there)).toMatchObject({ object: "customer" });
  await expect(connected.events.list({}, there)).rejects.toMatchObject({
    type: "StripePermissionError",
    message: expect.stringContaining(`on account '${account}'`) as unknown,
  });
  await expect(connected.customers.create({})).rejects.toMatchObject({ statusCode: 403 });
  await expect(restricted().customers.create({}, there)).rejects.toMatchObject({
    type: "StripePermissionError",
    message: expect.stringContaining("does not have any Connect permissions") as unknown,
  });
});
