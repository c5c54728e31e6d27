import { expect, it } from "vitest";
import { clientFor, useBench } from "./simulator.ts";

const KEY = "rk_test_simulator_narrow";
const bench = useBench({ restrictedKeys: { [KEY]: ["customer_write", "event_read"] } });
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
