import { expect, it } from "vitest";
import type { StripeEnvironment } from "../../../../shared/runtime/environment.ts";
import { connectStripe, STRIPE_API_VERSION } from "../../../../shared/stripe/client.ts";

const environment: StripeEnvironment = {
  secretKey: "sk_test_51NabcDEF",
  publishableKey: "pk_test_51NabcDEF",
  livemode: false,
  apiUrl: undefined,
};

it.each([
  [undefined, "https", "api.stripe.com", "443"],
  ["http://127.0.0.1:12111", "http", "127.0.0.1", "12111"],
  ["http://stripe.local", "http", "stripe.local", "80"],
  ["https://stripe.local", "https", "stripe.local", "443"],
  ["https://stripe.local:8443/", "https", "stripe.local", "8443"],
])("Stripe at %s is asked by %s at %s, port %s", (apiUrl, protocol, host, port) => {
  const stripe = connectStripe({ ...environment, apiUrl });
  expect(stripe.getApiField("protocol")).toBe(protocol);
  expect(stripe.getApiField("host")).toBe(host);
  expect(String(stripe.getApiField("port"))).toBe(port);
});

it("Stripe is asked in the version that the package was made for", () => {
  expect(connectStripe(environment).getApiField("version")).toBe(STRIPE_API_VERSION);
});
