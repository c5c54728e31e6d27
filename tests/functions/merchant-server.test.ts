import { randomUUID } from "node:crypto";
import { createCheckoutClient } from "@billingos/checkout";
import { createCheckoutServer } from "@billingos/checkout/server";
import { afterAll, describe, expect, it } from "vitest";
import { checkResponse, entitlementsResponse } from "../../shared/contract/entitlements.ts";
import {
  createSessionTokenResponse,
  revokeSessionTokenResponse,
} from "../../shared/contract/session-token.ts";
import { openShop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const { functionsUrl } = stack();
const shop = await openShop(stack());
afterAll(() => shop.close());
const server = createCheckoutServer({ functionsUrl, organizationKey: shop.organizationKey });

describe("a merchant's server, by the package", () => {
  it("mints a token that a page buys with, and sees then what the user may use", async () => {
    const externalUserId = randomUUID();
    const minted = await server.createSessionToken({ externalUserId, expiresIn: 600 });
    expect(createSessionTokenResponse.parse(minted)).toEqual(minted);
    expect(await server.entitlements({ externalUserId })).toEqual({ entitlements: [] });

    const page = createCheckoutClient({ functionsUrl, sessionToken: minted.sessionToken });
    const { products } = await page.products();
    expect(products.map(({ name }) => name)).toEqual(expect.arrayContaining(["Pro", "Team"]));
    await shop.pay(await page.create({ priceId: shop.pro.priceId }));

    const { entitlements } = entitlementsResponse.parse(
      await server.entitlements({ externalUserId }),
    );
    expect(entitlements.length).toBeGreaterThan(0);
    const featureKey = entitlements[0]?.featureKey ?? "";
    expect(checkResponse.parse(await server.check({ externalUserId }, featureKey)))
      .toMatchObject({ featureKey, hasAccess: true });
    expect(await server.check({ externalUserId }, "nothing-of-ours"))
      .toMatchObject({ hasAccess: false, limit: 0 });
  });

  it("revokes a token, with which a page is refused then until its user has a new one", async () => {
    const externalUserId = randomUUID();
    let last = await server.createSessionToken({ externalUserId });
    let asked = 0;
    const page = createCheckoutClient({
      functionsUrl,
      getSessionToken: () => {
        asked += 1;
        return last.sessionToken;
      },
    });
    await page.entitlements();
    const revoked = await server.revokeSessionToken(last.tokenId);
    expect(revokeSessionTokenResponse.parse(revoked).tokenId).toBe(last.tokenId);
    await expect(page.entitlements()).rejects.toMatchObject({ name: "UnauthorizedError" });
    last = await server.createSessionToken({ externalUserId });
    expect(await page.entitlements()).toEqual({ entitlements: [] });
    expect(asked).toBe(3);
    await expect(server.revokeSessionToken(randomUUID())).rejects
      .toMatchObject({ name: "NotFoundError", code: "token_not_found" });
  });
});
