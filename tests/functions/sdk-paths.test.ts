import { afterAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { confirmResponse } from "../../shared/contract/confirm.ts";
import { createResponse } from "../../shared/contract/create.ts";
import { createSessionTokenResponse } from "../../shared/contract/session-token.ts";
import { sdkCheckResponse, sdkEntitlementsResponse } from "../../shared/contract/entitlements.ts";
import { snapshot } from "../../shared/contract/snapshot.ts";
import { openShop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
/** What the existing SDK is given as its base URL: it adds `/v1/...` itself. */
const baseUrl = `${stack().apiUrl}/functions`;

async function call(
  method: string,
  path: string,
  bearer?: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(`${baseUrl}${path}`, {
    method,
    headers: {
      "content-type": "application/json",
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.ok).toBe(true);
  return response.json();
}

describe("the existing SDK's own paths", () => {
  it("lead a checkout from the token to the subscription", async () => {
    const { sessionToken } = createSessionTokenResponse.parse(
      await call("POST", "/v1/session-tokens", shop.organizationKey, {
        externalUserId: "sdk-user",
      }),
    );
    const created = await call("POST", "/v1/checkout/create", sessionToken, {
      priceId: shop.pro.priceId,
    });
    const session = createResponse.parse(created);
    expect(created).toEqual(session);

    const confirmed = await call(
      "POST",
      `/v1/checkout/${session.clientSecret}/confirm`,
      undefined,
      {
        paymentMethodId: "pm_card_visa",
      },
    );
    expect(confirmResponse.parse(confirmed)).toMatchObject({ success: true, status: "active" });
    const shown = snapshot.parse(await call("GET", `/v1/checkout/${session.id}/status`));
    expect(shown).toEqual(await shop.status(session));
    expect(shown.status).toBe("succeeded");

    const checked = await call("GET", "/v1/features/check?feature_key=pro-1", sessionToken);
    expect(sdkCheckResponse.parse(checked)).toMatchObject({
      feature_key: "pro-1",
      has_access: true,
      limit: null,
    });
    const listed = await call("GET", "/v1/features/entitlements", sessionToken);
    expect(sdkEntitlementsResponse.parse(listed)).toMatchObject({
      entitlements: [
        { feature_key: "pro-1", feature_title: "Pro 1", product_name: "Pro" },
        { feature_key: "pro-2", subscription_status: "active" },
      ],
    });
  });

  // billingos-sdk at commit 89a98472, src/client/index.ts: createCheckout, confirmCheckout.
  it("of the older SDK lead to a subscription too, with the answer under checkoutSession", async () => {
    const token = await shop.token();
    const created = await call("POST", "/v1/sdk/checkout/create", token, {
      priceId: shop.pro.priceId,
    });
    const { checkoutSession } = z.object({ checkoutSession: createResponse }).parse(created);
    expect(created).toEqual({ ...checkoutSession, checkoutSession });
    const confirmed = await call(
      "POST",
      `/v1/sdk/checkout/${checkoutSession.clientSecret}/confirm`,
      undefined,
      { paymentMethodId: "pm_card_visa" },
    );
    expect(confirmResponse.parse(confirmed)).toMatchObject({ success: true, status: "active" });
    expect(await shop.status(checkoutSession)).toMatchObject({ status: "succeeded" });
  });

  it("cancel a checkout", async () => {
    const token = await shop.token();
    const { id } = await shop.client.create(token, { priceId: shop.pro.priceId });
    const canceled = snapshot.parse(await call("POST", `/v1/checkout/${id}/cancel`, token));
    expect(canceled).toEqual(await shop.status({ id }));
    expect(canceled.status).toBe("canceled");
  });
});
