import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { currency, minorUnits } from "../../../../shared/contract/primitives.ts";
import { clientSecret, confirmRequest } from "../../../../shared/contract/confirm.ts";
import { idempotencyKeyHeader } from "../../../../shared/contract/create.ts";

const fits = (schema: z.core.$ZodType, value: unknown) => z.safeParse(schema, value).success;

describe("an amount", () => {
  it.each([0, 1, 2_900, Number.MAX_SAFE_INTEGER])("is taken: %i", (value) => {
    expect(fits(minorUnits, value)).toBe(true);
  });
  it.each<unknown>([
    -1,
    0.5,
    29.99,
    "2900",
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    null,
    10n,
  ])(
    "is refused: %s",
    (value) => expect(fits(minorUnits, value)).toBe(false),
  );
});

it.each<[unknown, boolean]>([
  ["usd", true],
  ["jpy", true],
  ["USD", false],
  ["us", false],
  ["usdt", false],
  ["us$", false],
  [" usd", false],
  ["", false],
])("a currency %j is taken: %s", (value, taken) => expect(fits(currency, value)).toBe(taken));

it.each<[string, string, boolean]>([
  ["one character", "k", true],
  ["a UUID", "0197f0c1-2345-4890-8bcd-1234567890ab", true],
  ["255 characters", "k".repeat(255), true],
  ["all that can be printed", "!~#[]{}'\"\\", true],
  ["nothing", "", false],
  ["256 characters", "k".repeat(256), false],
  ["a space", "a b", false],
  ["a letter beyond ASCII", "schlüssel", false],
  ["a control character", "a\u0007", false],
])("an idempotency key of %s: %.20j is taken: %s", (_what, value, taken) => {
  expect(fits(idempotencyKeyHeader, value)).toBe(taken);
});

it.each<[string, unknown, boolean]>([
  ["a payment intent's", "pi_3NabcDEF_secret_xYz123AbC", true],
  ["a setup intent's", "seti_1NabcDEF_secret_xYz123AbC", true],
  ["an id without its secret", "pi_3NabcDEF", false],
  ["an empty secret", "pi_3NabcDEF_secret_", false],
  ["another object's", "src_1Nabc_secret_xYz", false],
  ["a quote", "pi_3N_secret_x' or '1'='1", false],
  ["a path", "pi_3N_secret_x/../y", false],
  ["a line's end", "pi_3N_secret_x\n", false],
  ["201 characters", `pi_3N_secret_${"x".repeat(188)}`, false],
  ["a list", ["pi_3N_secret_x"], false],
])("a client secret that is %s is taken: %#", (_what, value, taken) => {
  expect(fits(clientSecret, value)).toBe(taken);
});

it.each<[string, unknown, boolean]>([
  ["Stripe's", "pm_1NabcDEF", true],
  ["a test card", "pm_card_visa_chargeDeclined", true],
  ["only the prefix", "pm_", false],
  ["a token", "tok_visa", false],
  ["a card's number", "4242424242424242", false],
  ["a path", "pm_1/../../customers", false],
  ["a query", "pm_1?expand[]=customer", false],
  ["a line's end", "pm_1\n", false],
  ["201 characters", `pm_${"x".repeat(198)}`, false],
  ["missing", undefined, false],
])("a payment method that is %s is taken: %#", (_what, paymentMethodId, taken) => {
  expect(fits(confirmRequest, { paymentMethodId })).toBe(taken);
});
