import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { idempotencyKey } from "../../../../shared/stripe/idempotency.ts";

const SESSION = "0197f0c1-2345-4890-8bcd-1234567890ab";
const parameters = { amount: 2_900, currency: "usd", metadata: { checkout_session_id: SESSION } };

describe("an idempotency key", () => {
  it("is the same for the same write, in this process and in the next", async () => {
    const key = await idempotencyKey("intent", SESSION, parameters);
    expect(await idempotencyKey("intent", SESSION, structuredClone(parameters))).toBe(key);
    expect(key).toBe("intent:0197f0c1-2345-4890-8bcd-1234567890ab:3NsAhH-zaIScz8XkMogp-M");
  });

  it("says what is written and for which session, so that a log can be read", async () => {
    const key = await idempotencyKey("confirm", `${SESSION}:3`, parameters);
    expect(key).toMatch(new RegExp(`^confirm:${SESSION}:3:[\\w-]{22}$`));
  });

  it.each<[string, string, string, object]>([
    ["another action", "refund", SESSION, parameters],
    ["another session", "intent", SESSION.replace("0197", "0198"), parameters],
    ["another amount", "intent", SESSION, { ...parameters, amount: 2_901 }],
    ["another value deep within", "intent", SESSION, { ...parameters, metadata: {} }],
    ["one more parameter", "intent", SESSION, { ...parameters, customer: "cus_1" }],
    ["a number as text", "intent", SESSION, { ...parameters, amount: "2900" }],
  ])("is another for %s", async (_what, action, object, given) => {
    expect(await idempotencyKey(action, object, given))
      .not.toBe(await idempotencyKey("intent", SESSION, parameters));
  });

  it("is another for each further attempt", async () => {
    const attempts = [1, 2, 11, 12].map((number) =>
      idempotencyKey("confirm", `${SESSION}:${number}`, parameters)
    );
    expect(new Set(await Promise.all(attempts)).size).toBe(4);
  });

  it("takes no notice of a parameter that has no value, which is not sent either", async () => {
    expect(await idempotencyKey("intent", SESSION, { ...parameters, customer: undefined }))
      .toBe(await idempotencyKey("intent", SESSION, parameters));
  });

  it("is short enough for Stripe and plain text, whatever the parameters are", async () => {
    await fc.assert(fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (given) => {
      const key = await idempotencyKey("confirm", `${SESSION}:2147483647`, given);
      expect(key.length).toBeLessThanOrEqual(255);
      expect(key).toMatch(/^[\x21-\x7e]+$/);
    }));
  });

  it("differs where the parameters do", async () => {
    const value = fc.dictionary(fc.string(), fc.jsonValue());
    await fc.assert(fc.asyncProperty(value, value, async (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b);
      const keys = [await idempotencyKey("intent", "x", a), await idempotencyKey("intent", "x", b)];
      expect(keys[0] === keys[1]).toBe(same);
    }));
  });
});
