import { randomUUID } from "node:crypto";
import { corsHeaders } from "@supabase/supabase-js/cors";
import { afterAll, describe, expect, it } from "vitest";
import { confirmResponse } from "../../shared/contract/confirm.ts";
import { createResponse } from "../../shared/contract/create.ts";
import { sdkCheckResponse } from "../../shared/contract/entitlements.ts";
import { productsResponse } from "../../shared/contract/products.ts";
import { snapshot } from "../../shared/contract/snapshot.ts";
import { permissionsOf } from "../../stack/functions/permissions.ts";
import { pageFetch } from "../support/browser.ts";
import { openShop } from "../support/shop.ts";
import { projectFiles } from "../../scripts/source/project-files.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
const ORIGIN = "https://shop.example.com";
const { functionsUrl } = stack();

/** As the SDK builds them (billingos-sdk, src/client/index.ts), on a GET as well. */
const sdkHeaders = (token: string) => ({
  "Content-Type": "application/json",
  "Authorization": `Bearer ${token}`,
  "X-BillingOS-Version": "2026-01-01",
});
/** What a tracer adds: https://www.w3.org/TR/trace-context/, https://www.w3.org/TR/baggage/, and Sentry's own. */
const traceHeaders = {
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  tracestate: "vendor=value",
  baggage: "sentry-environment=production",
  "sentry-trace": "12345678901234567890123456789012-1234567890123456-1",
};
/** The pinned package's own list of what it sends, and the one header that functions-js adds (src/FunctionsClient.ts). */
const supabaseNames = (corsHeaders["Access-Control-Allow-Headers"] ?? "").split(", ");
const supabaseHeaders = Object.fromEntries(
  [...supabaseNames, "x-region"].map((name) => [name, "x"]),
);

const id = randomUUID();
/** A call of each function that pages may call, under the methods that it has. */
const calls: Readonly<Record<string, readonly [method: string, path: string][]>> = {
  "session-tokens": [["POST", "/session-tokens"], ["DELETE", `/session-tokens/${id}`]],
  "checkout-create": [["POST", "/checkout-create"]],
  "checkout-confirm": [["POST", "/checkout-confirm"], ["POST", "/checkout-confirm/pi_1_secret_1"]],
  "checkout-status": [["GET", `/checkout-status/${id}`]],
  "checkout-cancel": [["POST", `/checkout-cancel/${id}`]],
  entitlements: [["GET", "/entitlements"]],
  health: [["GET", "/health"], ["GET", "/health?deep=1"]],
  products: [["GET", "/products"], ["GET", "/products?planIds=a,b"]],
  subscription: [
    ["GET", "/subscription"],
    ["POST", "/subscription/cancel"],
    ["POST", "/subscription/resume"],
  ],
  portal: [["POST", "/portal"]],
  features: [["GET", "/features/entitlements"], ["GET", "/features/check?feature_key=a"]],
  sdk: [["POST", "/sdk/checkout/create"], ["POST", "/sdk/checkout/pi_1_secret_1/confirm"]],
  checkout: [
    ["POST", "/checkout/create"],
    ["POST", "/checkout/pi_1_secret_1/confirm"],
    ["POST", `/checkout/${id}/confirm-free`],
    ["GET", `/checkout/${id}/status`],
    ["POST", `/checkout/${id}/cancel`],
  ],
};

it("every function that reads the allowed origins is called here", () => {
  const slugs = projectFiles((path) => /^supabase\/functions\/[^/]+\/index\.ts$/.test(path))
    .map((path) => path.split("/")[2] ?? "")
    .filter((slug) => permissionsOf(slug).env.includes("CHECKOUT_ALLOWED_ORIGINS"));
  expect(slugs.length).toBeGreaterThan(5);
  expect(Object.keys(calls).toSorted()).toEqual(slugs.toSorted());
});

it("supabase-js tells its headers", () => {
  expect(supabaseNames).toContain("apikey");
  expect(supabaseNames.length).toBeGreaterThan(3);
});

describe.each(Object.values(calls).flat())("a browser lets a page call %s %s", (method, path) => {
  it.each([
    ["the SDK", sdkHeaders("bos_session_test_x")],
    ["supabase-js, also when a later version adds a header", supabaseHeaders],
    ["a page with tracing", { ...sdkHeaders("bos_session_test_x"), ...traceHeaders }],
    ["our own client", { authorization: "Bearer x", "idempotency-key": "k" }],
  ])("as %s does", async (_who, headers) => {
    const response = await pageFetch(ORIGIN, `${functionsUrl}${path}`, { method, headers });
    expect(response.headers.get("x-request-id")).toMatch(/^req_/);
    expect(response.status).toBeLessThan(500);
    expect(response.status).not.toBe(405);
  });

  it("and not with a header that nobody sends", async () => {
    const headers = { "x-unheard-of": "x" };
    await expect(pageFetch(ORIGIN, `${functionsUrl}${path}`, { method, headers }))
      .rejects.toThrow("x-unheard-of is not allowed");
  });
});

it.each(["/stripe-webhook", "/checkout-reconcile"])("no page reads %s", async (path) => {
  await expect(pageFetch(ORIGIN, `${functionsUrl}${path}`, { method: "POST" }))
    .rejects.toThrow("is not allowed");
});

it("a page buys through the SDK's paths, from create to the feature", async () => {
  const token = await shop.token();
  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await pageFetch(ORIGIN, `${stack().apiUrl}/functions/v1${path}`, {
      method,
      headers: sdkHeaders(token),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(response.ok).toBe(true);
    return response.json();
  };
  const offered = productsResponse.parse(await ask("GET", "/products"));
  expect(offered.products.map(({ name }) => name)).toEqual(["Pro", "Team"]);
  const session = createResponse.parse(
    await ask("POST", "/checkout/create", { priceId: shop.pro.priceId }),
  );
  const card = { paymentMethodId: "pm_card_visa" };
  const confirmed = await ask("POST", `/checkout/${session.clientSecret}/confirm`, card);
  expect(confirmResponse.parse(confirmed)).toMatchObject({ success: true });
  const shown = snapshot.parse(await ask("GET", `/checkout/${session.id}/status`));
  expect(shown.status).toBe("succeeded");
  const checked = await ask("GET", "/features/check?feature_key=pro-1");
  expect(sdkCheckResponse.parse(checked)).toMatchObject({ has_access: true });
});
