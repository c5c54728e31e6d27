import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { CheckoutError } from "../../../../shared/runtime/errors.ts";
import { readJson, validate } from "../../../../shared/http/body.ts";

const sent = (body: string) =>
  new Request("http://localhost/checkout-create", {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
  });

describe("a key that means something to JavaScript", () => {
  const form = z.object({ priceId: z.optional(z.string()) });

  it.each([
    ["__proto__", '{"__proto__":{"priceId":"stolen","polluted":true}}'],
    ["constructor", '{"constructor":{"prototype":{"polluted":true}}}'],
    ["a nested __proto__", '{"priceId":"a","x":{"__proto__":{"polluted":true}}}'],
    ["toString", '{"toString":"x","valueOf":1,"hasOwnProperty":null}'],
  ])("changes nothing: %s", async (_what, body) => {
    const value = await readJson(sent(body), form);
    expect(Object.keys(value).filter((key) => key !== "priceId")).toEqual([]);
    expect(value.priceId).not.toBe("stolen");
    expect({}).not.toHaveProperty("polluted");
  });
});

const or = <Schema extends z.core.$ZodType>(schema: Schema) =>
  z.optional(z.union([schema, z.literal(""), z.null()]));

describe("a body that does not fit", () => {
  const form = z.object({
    a: z.object({ b: z.object({ c: z.number() }) }),
    list: z.optional(z.array(z.number())),
  });

  const issuesOf = (value: unknown, schema: z.core.$ZodType = form): unknown => {
    try {
      validate(value, schema);
    } catch (error) {
      expect(error).toMatchObject({ name: "CheckoutError", code: "invalid_request", status: 400 });
      if (error instanceof CheckoutError) return error.details?.["issues"];
    }
    return undefined;
  };

  it("is told by place and rule", () => {
    expect(issuesOf({ list: ["x"], a: { b: { c: 1 } } }))
      .toEqual([{ path: "list.0", message: "Invalid input: expected number, received string" }]);
  });

  it("is never quoted: a value may be a secret", () => {
    const secret = "pi_1_secret_hunter2";
    const issues = issuesOf({ a: secret, list: [secret, { secret }] });
    expect(issues).toHaveLength(3);
    expect(JSON.stringify(issues)).not.toContain("hunter2");
  });

  it("is told by the deepest place and its rule, also through a union", () => {
    const { shape: { email } } = z.object({ email: z.email("is no address") });
    const customer = or(z.object({ address: or(z.object({ email: or(email) })) }));
    expect(issuesOf({ customer: { address: { email: "x" } } }, z.object({ customer })))
      .toEqual([{ path: "customer.address.email", message: "is no address" }]);
    expect(issuesOf({ customer: 7 }, z.object({ customer })))
      .toEqual([{ path: "customer", message: "Invalid input: expected object, received number" }]);
  });

  it("is told by the rule that a record's key breaks", () => {
    const record = z.object({
      metadata: z.record(z.string().check(z.maxLength(3, "is too long")), z.string()),
    });
    expect(issuesOf({ metadata: { long: "v" } }, record))
      .toEqual([{ path: "metadata.long", message: "is too long" }]);
  });

  it("is told in at most twenty places, five steps deep, with short names", () => {
    const many = issuesOf({ a: { b: { c: 1 } }, list: Array.from({ length: 500 }, () => "x") });
    expect(many).toHaveLength(20);
    const deep = Array.from({ length: 9 }).reduce<z.core.$ZodType>(
      (inner) => z.object({ a: inner }),
      z.null(),
    );
    const value = Array.from({ length: 9 }).reduce<unknown>((inner) => ({ a: inner }), "x");
    expect(issuesOf(value, deep)).toMatchObject([{ path: "a.a.a.a.a" }]);
    const long = issuesOf({ ["k".repeat(5_000)]: "x" }, z.record(z.string(), z.number()));
    expect(long).toMatchObject([{ path: "k".repeat(100) }]);
  });
});
