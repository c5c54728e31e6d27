import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { confirmRequest, confirmWithSecretRequest } from "../../../../shared/contract/confirm.ts";
import { createRequest } from "../../../../shared/contract/create.ts";
import { createSessionTokenRequest } from "../../../../shared/contract/session-token.ts";

const priceId = "0197f0c1-2345-4890-8bcd-1234567890ab";
const fits = (schema: z.core.$ZodType, value: unknown) => z.safeParse(schema, value).success;

describe.each<[string, z.core.$ZodType]>([
  ["create", createRequest],
  ["confirm", confirmRequest],
  ["confirm with the secret", confirmWithSecretRequest],
  ["a session token's request", createSessionTokenRequest],
])("%s", (_what, schema) => {
  it.each<[string, unknown]>([
    ["null", null],
    ["a list", []],
    ["a text", "{}"],
    ["a number", 1],
    ["true", true],
    ["nothing in it", {}],
  ])("is no %s", (_kind, value) => expect(fits(schema, value)).toBe(false));
});

describe("create", () => {
  it("needs a price and nothing else", () => {
    expect(createRequest.parse({ priceId })).toEqual({ priceId });
  });

  it("takes all that the contract names", () => {
    const whole = {
      priceId,
      customerEmail: "jenny@example.com",
      customerName: "Jenny Rosen",
      customer: { email: "jenny@example.com", name: "Jenny Rosen", taxId: "DE123456789" },
      existingSubscriptionId: priceId,
      quantity: 3,
      couponCode: "WELCOME",
      metadata: { campaign: "spring" },
      mode: "subscription",
      successUrl: "https://shop.example/done",
      cancelUrl: "https://shop.example/plans",
    };
    expect(createRequest.parse(whole)).toEqual(whole);
  });

  it("ignores what it does not know: prices, states and owners come from the database", () => {
    const forged = {
      priceId,
      amount: 1,
      currency: "jpy",
      livemode: false,
      organizationId: priceId,
      status: "succeeded",
      trialDays: 9_999,
      applicationFeeBps: 0,
      customer: { id: "cus_1", stripeCustomerId: "cus_1" },
    };
    expect(createRequest.parse(forged)).toEqual({ priceId, customer: {} });
  });

  it.each<[string, object]>([
    ["no price", {}],
    ["a price that is Stripe's", { priceId: "price_1MoBy5LkdIwHu7ix" }],
    ["a price that is neither an id nor a key", { priceId: "Pro Monthly!" }],
    ["a price that is null", { priceId: null }],
    ["a list of prices", { priceId: [priceId] }],
    ["an e-mail address that is none", { priceId, customerEmail: "jenny" }],
    ["one within that is none", { priceId, customer: { email: "jenny" } }],
    ["a customer that is text", { priceId, customer: "jenny@example.com" }],
    ["a name that is empty", { priceId, customerName: " " }],
    ["a tax id of 51 letters", { priceId, customer: { taxId: "x".repeat(51) } }],
    ["a coupon of 101 letters", { priceId, couponCode: "x".repeat(101) }],
    ["metadata that is a list", { priceId, metadata: ["a"] }],
    ["a mode of 51 letters", { priceId, mode: "x".repeat(51) }],
    ["an address that runs", { priceId, successUrl: "javascript:alert(1)" }],
    ["an address in the clear", { priceId, cancelUrl: "http://shop.example/" }],
  ])("is refused with %s", (_what, value) => expect(fits(createRequest, value)).toBe(false));
});

describe("confirm", () => {
  const paymentMethodId = "pm_1NabcDEF";
  const clientSecret = "pi_1_secret_2";

  it("takes a card and where to come back to", () => {
    const whole = { paymentMethodId, returnUrl: "https://shop.example/done" };
    expect(confirmRequest.parse(whole)).toEqual(whole);
    expect(confirmWithSecretRequest.parse({ ...whole, clientSecret }))
      .toEqual({ ...whole, clientSecret });
  });

  it("ignores what it does not know, a card's data first of all", () => {
    const careless = {
      paymentMethodId,
      card: { number: "4242424242424242", cvc: "123" },
      amount: 1,
    };
    expect(confirmRequest.parse(careless)).toEqual({ paymentMethodId });
  });

  it("needs the secret where no path has it", () => {
    expect(fits(confirmWithSecretRequest, { paymentMethodId })).toBe(false);
    expect(fits(confirmWithSecretRequest, { paymentMethodId, clientSecret: "" })).toBe(false);
  });

  it("comes back to no address that runs", () => {
    expect(fits(confirmRequest, { paymentMethodId, returnUrl: "javascript:alert(1)" })).toBe(false);
  });
});

describe("a session token's request", () => {
  const externalUserId = "user_42";

  it("needs a user; an hour and both operations are what it gets", () => {
    expect(createSessionTokenRequest.parse({ externalUserId })).toEqual({
      externalUserId,
      expiresIn: 3_600,
      allowedOperations: ["checkout", "entitlements", "subscription", "portal"],
    });
  });

  it.each<[asked: string[], allowed: string[]]>([
    [["checkout", "refund"], ["checkout"]],
    [["entitlements", "read_usage", "entitlements"], ["entitlements"]],
    [["everything", "*", "CHECKOUT", "constructor"], []],
  ])("takes operations that nobody knows, which allow nothing: %j", (asked, allowed) => {
    expect(createSessionTokenRequest.parse({ externalUserId, allowedOperations: asked }))
      .toMatchObject({ allowedOperations: allowed });
  });

  it.each([60, 3_600, 86_400])("may last %i seconds", (expiresIn) => {
    expect(createSessionTokenRequest.parse({ externalUserId, expiresIn }).expiresIn).toBe(
      expiresIn,
    );
  });

  it.each<[string, object]>([
    ["less than a minute", { expiresIn: 59 }],
    ["more than a day", { expiresIn: 86_401 }],
    ["no time", { expiresIn: 0 }],
    ["a time gone by", { expiresIn: -3_600 }],
    ["half a second more", { expiresIn: 60.5 }],
    ["a time that is text", { expiresIn: "3600" }],
    ["a time that is null", { expiresIn: null }],
    ["an endless time", { expiresIn: Number.POSITIVE_INFINITY }],
    ["no operation", { allowedOperations: [] }],
    ["an operation that is text", { allowedOperations: "checkout" }],
    ["an operation that is a number", { allowedOperations: [1] }],
    ["51 operations", { allowedOperations: Array.from({ length: 51 }, () => "checkout") }],
    ["an empty organization", { externalOrganizationId: "" }],
    ["a user with a line's end", { externalUserId: "user\n42" }],
    ["a user that is a number", { externalUserId: 42 }],
    ["the name of an erased customer", { externalUserId: `erased:${priceId}` }],
    ["the same with a space before it", { externalUserId: ` erased:${priceId}` }],
    ["a user of 256 letters", { externalUserId: "x".repeat(256) }],
  ])("is refused with %s", (_what, differs) => {
    expect(fits(createSessionTokenRequest, { externalUserId, ...differs })).toBe(false);
  });

  it("ignores what it does not know: whose token it is comes from the key", () => {
    const forged = { externalUserId, organizationId: priceId, livemode: true, tokenId: priceId };
    expect(Object.keys(createSessionTokenRequest.parse(forged)).toSorted())
      .toEqual(["allowedOperations", "expiresIn", "externalUserId"]);
  });
});
