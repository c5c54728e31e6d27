import { randomUUID } from "node:crypto";
import { decodeJwt } from "jose";
import { afterAll, expect, it } from "vitest";
import * as z from "zod/mini";
import { errorResponse } from "../../shared/contract/error.ts";
import { productsResponse } from "../../shared/contract/products.ts";
import { openShop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
const stranger = await openShop(stack());
afterAll(() => Promise.all([shop.close(), stranger.close()]));

const ask = (token: string, query = "", method = "GET") =>
  fetch(`${stack().functionsUrl}/products${query}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
  });
const read = async (token: string, query?: string) => {
  const response = await ask(token, query);
  expect(response.status).toBe(200);
  return z.strictObject(productsResponse.shape).parse(await response.json());
};

it("a pricing page is drawn from one answer, before and after the purchase", async () => {
  const user = randomUUID();
  const token = await shop.token(user);
  const before = await read(token);
  expect(before).toMatchObject({
    products: [
      { id: shop.pro.productId, prices: [{ id: shop.pro.priceId, amount: 2900 }] },
      { id: shop.team.productId, isCurrentPlan: false },
    ],
    currentSubscription: null,
  });
  const session = await shop.create({ user });
  await shop.pay(session);
  const { subscription } = await shop.status(session);
  const after = await read(token);
  expect(after.products.map(({ isCurrentPlan }) => isCurrentPlan)).toEqual([true, false]);
  expect(after.currentSubscription).toMatchObject({
    id: subscription?.id,
    priceId: shop.pro.priceId,
    status: "active",
    currentPeriodEnd: subscription?.currentPeriodEnd,
  });
});

// billingos-sdk, src/client/index.ts, getProducts: one comma-separated parameter, encoded by URLSearchParams.
it("planIds leaves the others out, those of another organization included", async () => {
  const ids = `${shop.team.productId},${stranger.pro.productId},x`;
  const { products } = await read(await shop.token(), `?${new URLSearchParams({ planIds: ids })}`);
  expect(products.map(({ id }) => id)).toEqual([shop.team.productId]);
  expect((await read(await shop.token(), "?planIds=")).products).toHaveLength(2);
});

it("HEAD has the answer's headers and length, and no body", async () => {
  const token = await shop.token();
  const [got, head] = await Promise.all([ask(token), ask(token, "", "HEAD")]);
  expect([head.status, await head.text()]).toEqual([200, ""]);
  expect(Number(head.headers.get("content-length"))).toBe((await got.arrayBuffer()).byteLength);
});

const told = async (token: string) => {
  const response = await ask(token);
  return [response.status, errorResponse.parse(await response.json()).error.code];
};

it("a revoked token is told 401, one for entitlements alone 403", async () => {
  const revoked = await shop.token();
  await shop.query("update billing.session_tokens set revoked_at = now() where id = $1", [
    decodeJwt(revoked.replace(/^bos_session_test_/, "")).jti,
  ]);
  const reader = await shop.token(randomUUID(), 3600, ["entitlements"]);
  expect(await told(revoked)).toEqual([401, "session_token_invalid"]);
  expect(await told(reader)).toEqual([403, "operation_not_allowed"]);
});
