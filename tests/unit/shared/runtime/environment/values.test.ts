import { describe, expect, it } from "vitest";
import {
  allowedOrigins,
  databaseEnvironment,
  digestKeyBytes,
  EnvironmentError,
  stripeEnvironment,
  tokenKeys,
  webhookSecrets,
} from "../../../../../shared/runtime/environment.ts";
import { environment, given, KEY, OTHER_KEY } from "../../support/environment.ts";

describe("the project's own key", () => {
  it("is the default of the platform's set, whatever else is in it", () => {
    const keys = '{"default":"sb_secret_one","reports":"sb_secret_two"}';
    expect(databaseEnvironment(given("SUPABASE_SECRET_KEYS", keys)).secretKey).toBe(
      "sb_secret_one",
    );
  });
});

const stripeKeys = (secret: string, publishable: string) =>
  stripeEnvironment({
    ...environment,
    STRIPE_SECRET_KEY: secret,
    STRIPE_PUBLISHABLE_KEY: publishable,
  });

describe("Stripe's keys", () => {
  it.each([
    ["sk_test_51N", "pk_test_51N", false],
    ["sk_live_51N", "pk_live_51N", true],
    ["rk_test_51N", "pk_test_51N", false],
    ["rk_live_51N", "pk_live_51N", true],
    ["sk_test_live_51N", "pk_test_51N", false],
  ])("%s and %s are of one mode, live: %s", (secret, publishable, livemode) => {
    expect(stripeKeys(secret, publishable)).toMatchObject({ livemode, secretKey: secret });
  });

  it.each([
    ["sk_live_51NsecretPart", "pk_test_51NpublicPart"],
    ["sk_test_51NsecretPart", "pk_live_51NpublicPart"],
    ["rk_live_51NsecretPart", "pk_test_51NpublicPart"],
    ["sk_test_live_51NsecretPart", "pk_live_51NpublicPart"],
  ])("%s beside %s is refused: two modes", (secret, publishable) => {
    const run = () => stripeKeys(secret, publishable);
    expect(run).toThrow(EnvironmentError);
    expect(run).toThrow(/^STRIPE_PUBLISHABLE_KEY: is of the other mode than STRIPE_SECRET_KEY$/);
  });

  it("lose the white space pasted around them", () => {
    expect(stripeKeys(" sk_test_51N\n", "\tpk_test_51N "))
      .toMatchObject({ secretKey: "sk_test_51N", publishableKey: "pk_test_51N" });
  });

  it("go to Stripe itself unless another server is named", () => {
    expect(stripeEnvironment(environment).apiUrl).toBeUndefined();
    expect(stripeEnvironment(given("STRIPE_API_URL", "http://127.0.0.1:12111")).apiUrl)
      .toBe("http://127.0.0.1:12111");
  });
});

describe("the webhook secrets", () => {
  it.each([
    ["whsec_one", ["whsec_one"]],
    ["whsec_one,whsec_two", ["whsec_one", "whsec_two"]],
    [" whsec_one ,\n whsec_two\t", ["whsec_one", "whsec_two"]],
    ["whsec_one\r\n", ["whsec_one"]],
    ["whsec_a,whsec_b,whsec_c", ["whsec_a", "whsec_b", "whsec_c"]],
  ])("%j are one secret an endpoint, without white space", (value, secrets) => {
    expect(webhookSecrets(given("STRIPE_WEBHOOK_SECRETS", value))).toEqual(secrets);
  });
});

describe("the token keys", () => {
  it("keep their order: the first one signs", () => {
    const keys = [{ kty: "oct", kid: "new", k: OTHER_KEY, alg: "HS256", use: "sig" }, {
      kty: "oct",
      kid: "old",
      k: KEY,
    }];
    expect(tokenKeys(given("CHECKOUT_TOKEN_KEYS", JSON.stringify({ keys }))))
      .toEqual([{ kty: "oct", kid: "new", k: OTHER_KEY }, { kty: "oct", kid: "old", k: KEY }]);
  });
});

describe("the digest key", () => {
  it.each([["as it is", KEY], ["padded", `${KEY}=`], ["with white space around", ` ${KEY}\n`]])(
    "is 32 bytes: %s",
    (_what, value) => {
      const bytes = digestKeyBytes(given("CHECKOUT_DIGEST_KEY", value));
      expect(Buffer.from(bytes)).toEqual(Buffer.from(KEY, "base64url"));
    },
  );

  it("may be longer", () => {
    expect(digestKeyBytes(given("CHECKOUT_DIGEST_KEY", `${KEY.slice(0, 40)}${KEY}A`)).length)
      .toBe(63);
  });
});

describe("the allowed origins", () => {
  it.each([
    ["https://app.example.com", ["https://app.example.com"]],
    ["https://a.example, http://localhost:5173", ["https://a.example", "http://localhost:5173"]],
    ["*", ["*"]],
    // Of apps: https://capacitorjs.com/docs/config (iosScheme), https://v2.tauri.app/reference/config (useHttpsScheme).
    ["capacitor://localhost,ionic://localhost", ["capacitor://localhost", "ionic://localhost"]],
    ["tauri://localhost", ["tauri://localhost"]],
    ["http://tauri.localhost", ["http://tauri.localhost"]],
    ["chrome-extension://abcdefghijklmnop", ["chrome-extension://abcdefghijklmnop"]],
  ])("%j are what is written", (value, origins) => {
    expect(allowedOrigins(given("CHECKOUT_ALLOWED_ORIGINS", value))).toEqual(origins);
  });

  it.each([
    ["https://a.example,https://b.example/", 2, "is not an origin"],
    ["a.example", 1, "is not an origin"],
    ["https://a.example,*,tauri://localhost/x", 3, "is not an origin"],
    ["https://a.example, ", 2, "is empty"],
  ])("%j are refused, and the wrong entry is named by its position", (value, position, rule) => {
    expect(() => allowedOrigins(given("CHECKOUT_ALLOWED_ORIGINS", value))).toThrow(
      new EnvironmentError(`CHECKOUT_ALLOWED_ORIGINS: entry ${position} ${rule}`),
    );
  });

  it("hold a star only where one is written", () => {
    expect(allowedOrigins(environment)).not.toContain("*");
  });
});
