import { randomUUID } from "node:crypto";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorResponse } from "../../shared/contract/error.ts";
import { createSessionTokenResponse } from "../../shared/contract/session-token.ts";
import { openShop, type Shop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

// A session's id is known to whoever listens to its channel. With it and a token that is not quite its owner's, nobody
// ends it, activates it or sees what is the owner's.

const { functionsUrl } = stack();
let shop: Shop;
let stranger: Shop;
let freePrice: string;
beforeAll(async () => {
  [shop, stranger] = await Promise.all([openShop(stack()), openShop(stack())]);
  ({ priceId: freePrice } = await shop.sell("Starter", { amount: 0 }));
});
afterAll(() => Promise.all([shop.close(), stranger.close()]));

const call = (method: string, path: string, token: string, body?: object) =>
  fetch(`${functionsUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const setMode = (livemode: boolean) =>
  shop.query("update billing.organizations set livemode = $2 where id = $1", [
    shop.organizationId,
    livemode,
  ]);
const changed = async (user: string, change: string): Promise<string> => {
  const token = await shop.token(user);
  await shop.query(`update billing.session_tokens set ${change} where id = $1`, [
    decodeJwt(token.replace(/^bos_session_test_/, "")).jti,
  ]);
  return token;
};

type TokenFor = (user: string) => Promise<string>;
const reader: TokenFor = (user) => shop.token(user, 3600, ["entitlements"]);
const tokens: [who: string, token: TokenFor, status: number, code: string][] = [
  ["another customer's token", () => shop.token(), 404, "session_not_found"],
  [
    "another organization's token for the same user",
    (user) => stranger.token(user),
    404,
    "session_not_found",
  ],
  ["the owner's token for entitlements alone", reader, 403, "operation_not_allowed"],
  [
    "the owner's token that was narrowed since",
    (user) => changed(user, "allowed_operations = '{entitlements}'"),
    403,
    "operation_not_allowed",
  ],
  [
    "the owner's revoked token",
    (user) => changed(user, "revoked_at = now()"),
    401,
    "session_token_invalid",
  ],
  [
    "the owner's token that is over",
    (user) =>
      changed(
        user,
        "created_at = now() - interval '2 hours', expires_at = now() - interval '1 hour'",
      ),
    401,
    "session_token_invalid",
  ],
  [
    "a token of an organization that is of the other mode now",
    async (user) => {
      const token = await shop.token(user);
      await setMode(true);
      return token;
    },
    401,
    "session_token_invalid",
  ],
];

const paths: [what: string, (id: string) => [path: string, body?: object]][] = [
  ["confirm, free", (sessionId) => ["/checkout-confirm", { sessionId }]],
  ["confirm, free, by the SDK's path", (id) => [`/checkout/${id}/confirm-free`]],
  ["cancel", (id) => [`/checkout-cancel/${id}`]],
  ["cancel by the SDK's path", (id) => [`/checkout/${id}/cancel`]],
];

describe.each(paths)("%s refuses", (_what, pathOf) => {
  it.each(tokens)("%s", async (_who, tokenFor, status, code) => {
    const user = randomUUID();
    const session = await shop.create({ user, priceId: freePrice });
    try {
      const [path, body] = pathOf(session.id);
      const response = await call("POST", path, await tokenFor(user), body);
      const { error } = errorResponse.parse(await response.json());
      expect([response.status, error.code]).toEqual([status, code]);
      // Not even what the session's id alone opens.
      expect(error.details).toBeUndefined();
    } finally {
      await setMode(false);
    }
    expect(await shop.status(session)).toMatchObject({ status: "pending", version: 1 });
  });
});

describe.each(["/checkout-status/:id", "/checkout/:id/status"])("GET %s", (path) => {
  it.each(tokens)("tells nothing that is the owner's to %s", async (_who, tokenFor) => {
    const user = randomUUID();
    const session = await shop.create({ user, email: "private@example.com" });
    try {
      const response = await call("GET", path.replace(":id", session.id), await tokenFor(user));
      const text = await response.text();
      expect(text).not.toContain("_secret_");
      expect(text).not.toContain("private@example.com");
    } finally {
      await setMode(false);
    }
  });
});

it("a token of operations that nobody knows is made, and opens nothing", async () => {
  const response = await call("POST", "/session-tokens", shop.organizationKey, {
    externalUserId: randomUUID(),
    allowedOperations: ["read_usage", "everything"],
  });
  expect(response.status).toBe(201);
  const made = createSessionTokenResponse.parse(await response.json());
  expect(made.allowedOperations).toEqual([]);
  const opened: [method: string, path: string, body?: object][] = [
    ["POST", "/checkout-create", { priceId: shop.pro.priceId }],
    ["GET", "/entitlements"],
    ["GET", "/products"],
    ["GET", "/subscription"],
    ["POST", "/subscription/cancel", { subscriptionId: randomUUID() }],
    ["POST", "/portal", {}],
  ];
  for (const [method, path, body] of opened) {
    expect((await call(method, path, made.sessionToken, body)).status).toBe(403);
  }
});
