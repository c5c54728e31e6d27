import { randomUUID } from "node:crypto";
import { decodeJwt } from "jose";
import { afterAll, describe, expect, it } from "vitest";
import { errorResponse } from "../../shared/contract/error.ts";
import { openShop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
const stranger = await openShop(stack());
afterAll(() => Promise.all([shop.close(), stranger.close()]));
const { functionsUrl, publishableKey } = stack();
const token = await shop.token();
const session = await shop.create();
const other = await shop.create();
const tailOf = (secret: string) => secret.split("_secret_")[1] ?? "";

interface Attempt {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

const rowCounts = async () =>
  shop.query(
    `select (select count(*) from billing.checkout_sessions) as sessions,
       (select count(*) from billing.checkout_attempts) as attempts,
       (select count(*) from billing.payment_intents) as intents,
       (select count(*) from billing.session_tokens) as tokens,
       (select sum(version) from billing.checkout_sessions) as versions`,
  );

/** Sends it, and shows that what was refused changed nothing and was told in the contract's form. */
async function refused({ method = "POST", path, headers = {}, body }: Attempt) {
  const before = await rowCounts();
  const response = await fetch(`${functionsUrl}${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const { error } = errorResponse.parse(await response.json());
  expect(error.requestId).toBe(response.headers.get("x-request-id"));
  expect(await rowCounts()).toEqual(before);
  return { status: response.status, code: error.code, details: error.details };
}

const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
const json = (value: unknown) => JSON.stringify(value);
const good = { priceId: shop.pro.priceId };

describe("create refuses", () => {
  it.each<[string, string | Uint8Array<ArrayBuffer>, number, string]>([
    ["a body that is no JSON", "{priceId:", 400, "invalid_json"],
    ["no body", "", 400, "invalid_json"],
    ["bytes that are no UTF-8", new Uint8Array([0x22, 0xff, 0xfe, 0x22]), 400, "invalid_json"],
    ["a list", "[]", 400, "invalid_request"],
    ["null", "null", 400, "invalid_request"],
    ["no price", "{}", 400, "invalid_request"],
    ["a price id that is none", json({ priceId: "1 or 1=1" }), 400, "invalid_request"],
    ["an e-mail that is none", json({ ...good, customerEmail: "nobody" }), 400, "invalid_request"],
    [
      "a name with a line break",
      json({ ...good, customerName: "a\r\nbcc: b" }),
      400,
      "invalid_request",
    ],
    [
      "a script as a URL",
      json({ ...good, successUrl: "javascript:alert(1)" }),
      400,
      "invalid_request",
    ],
    [
      "a plain http URL",
      json({ ...good, cancelUrl: "http://example.com" }),
      400,
      "invalid_request",
    ],
    [
      "51 keys of metadata",
      json({
        ...good,
        metadata: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, "v"])),
      }),
      400,
      "invalid_request",
    ],
    [
      "metadata that is too long",
      json({ ...good, metadata: { k: "v".repeat(501) } }),
      400,
      "invalid_request",
    ],
    [
      "a body over 64 KiB",
      json({ ...good, padding: "x".repeat(64 * 1024) }),
      413,
      "body_too_large",
    ],
    ["an unknown price", json({ priceId: randomUUID() }), 404, "price_not_found"],
    [
      "another organization's price",
      json({ priceId: stranger.pro.priceId }),
      404,
      "price_not_found",
    ],
    [
      "an unknown coupon",
      json({ ...good, couponCode: "HALF" }),
      400,
      "coupon_not_found",
    ],
    [
      "a coupon with a NUL in it",
      json({ ...good, couponCode: "HALF\0" }),
      400,
      "invalid_request",
    ],
    [
      "a change of a subscription that the customer does not have",
      json({ ...good, existingSubscriptionId: randomUUID() }),
      404,
      "subscription_not_found",
    ],
  ])("%s", async (_name, body, status, code) => {
    expect(await refused({ path: "/checkout-create", headers: bearer(token), body })).toMatchObject(
      { status, code },
    );
  });

  it("an archived price", async () => {
    await shop.query("update billing.product_prices set active = false where id = $1", [
      shop.team.priceId,
    ]);
    const answer = await refused({
      path: "/checkout-create",
      headers: bearer(token),
      body: json({ priceId: shop.team.priceId }),
    });
    expect(answer).toMatchObject({ status: 400, code: "price_unavailable" });
  });

  it.each([
    ["text/plain"],
    ["application/x-www-form-urlencoded"],
    ["application/jsonp"],
    [""],
  ])("the content type %j", async (type) => {
    const headers = { ...bearer(token), "content-type": type };
    expect(await refused({ path: "/checkout-create", headers, body: json(good) })).toMatchObject({
      status: 415,
      code: "content_type_unsupported",
    });
  });

  it.each([
    ["no token", {}],
    ["an empty one", { authorization: "Bearer " }],
    ["another scheme", { authorization: `Basic ${token}` }],
    ["the organization's own key", bearer(shop.organizationKey)],
    ["the publishable key", bearer(publishableKey)],
    ["a token of the other mode", bearer(token.replace("_test_", "_live_"))],
    ["a token whose claims were changed", bearer(tampered(token))],
    ["a token without its signature", bearer(token.replace(/\.[^.]+$/, "."))],
  ])("a caller with %s", async (_name, headers) => {
    expect(await refused({ path: "/checkout-create", headers, body: json(good) })).toMatchObject({
      status: 401,
      code: "session_token_invalid",
    });
  });

  it("a token that was revoked", async () => {
    const revoked = await shop.token();
    const { jti } = decodeJwt(revoked);
    const answer = await fetch(`${functionsUrl}/session-tokens/${jti}`, {
      method: "DELETE",
      headers: bearer(shop.organizationKey),
    });
    expect(answer.status).toBe(200);
    expect(await refused({ path: "/checkout-create", headers: bearer(revoked), body: json(good) }))
      .toMatchObject({
        status: 401,
        code: "session_token_invalid",
      });
  });

  it("a token that has expired", async () => {
    const expired = await shop.token(undefined, 60);
    const { jti } = decodeJwt(expired);
    await shop.query(
      "update billing.session_tokens set created_at = created_at - interval '1 hour', expires_at = expires_at - interval '1 hour' where id = $1",
      [jti],
    );
    expect(await refused({ path: "/checkout-create", headers: bearer(expired), body: json(good) }))
      .toMatchObject({ status: 401 });
  });

  it.each([["with a space", "a b"], ["too long", "k".repeat(256)], ["of no length", ""]])(
    "an idempotency key %s",
    async (_name, key) => {
      const headers = { ...bearer(token), "idempotency-key": key };
      expect(await refused({ path: "/checkout-create", headers, body: json(good) })).toMatchObject({
        status: 400,
      });
    },
  );
});

function tampered(text: string): string {
  const [head = "", claims = "", signature = ""] = text.split(".");
  const changed = Buffer.from(claims, "base64url").toString().replace(
    /"sub":"[^"]+"/,
    '"sub":"somebody-else"',
  );
  return [head, Buffer.from(changed).toString("base64url"), signature].join(".");
}

describe("confirm refuses", () => {
  const card = { paymentMethodId: "pm_card_visa" };
  it.each<[string, unknown, number, string]>([
    ["no secret", card, 400, "invalid_request"],
    ["a secret that is none", { ...card, clientSecret: "let me in" }, 400, "invalid_request"],
    [
      "a well-formed secret that was never given",
      { ...card, clientSecret: `${session.paymentIntentId}_secret_${"A".repeat(24)}` },
      401,
      "client_secret_invalid",
    ],
    [
      "a secret that is right but for its last letter",
      {
        ...card,
        clientSecret: session.clientSecret.replace(/.$/, (last) => last === "A" ? "B" : "A"),
      },
      401,
      "client_secret_invalid",
    ],
    [
      "the tail of another session's secret",
      {
        ...card,
        clientSecret: `${session.paymentIntentId}_secret_${tailOf(other.clientSecret)}`,
      },
      401,
      "client_secret_invalid",
    ],
    [
      "another intent's id before the secret's tail",
      {
        ...card,
        clientSecret: `${other.paymentIntentId}_secret_${tailOf(session.clientSecret)}`,
      },
      401,
      "client_secret_invalid",
    ],
    ["no card", { clientSecret: session.clientSecret }, 400, "invalid_request"],
    [
      "something that is no payment method",
      { clientSecret: session.clientSecret, paymentMethodId: "tok_visa" },
      400,
      "invalid_request",
    ],
    [
      "a return URL that is none",
      { ...card, clientSecret: session.clientSecret, returnUrl: "ftp://x" },
      400,
      "invalid_request",
    ],
  ])("%s", async (_name, body, status, code) => {
    expect(await refused({ path: "/checkout-confirm", body: json(body) })).toMatchObject({
      status,
      code,
    });
  });

  it.each([
    ["a secret in the path that is none", "nothing", 401],
    ["a secret in the path that was never given", `pi_1_secret_${"A".repeat(24)}`, 401],
    ["a path that cannot be decoded", "%E0%A4%A", 404],
  ])("%s", async (_name, secret, status) => {
    expect(await refused({ path: `/checkout-confirm/${secret}`, body: json(card) })).toMatchObject({
      status,
    });
  });

  it("the right secret once another digest is kept for it: what is kept decides", async () => {
    const { clientSecret, paymentIntentId } = await shop.create();
    const body = json({ ...card, clientSecret });
    const keep = (sql: string) =>
      shop.query(
        `update billing.payment_intents set client_secret_digest = ${sql}
         where stripe_payment_intent_id = $1`,
        [paymentIntentId],
      );
    await keep("'A' || client_secret_digest");
    expect(await refused({ path: "/checkout-confirm", body })).toMatchObject({
      status: 401,
      code: "client_secret_invalid",
    });
    await keep("substr(client_secret_digest, 2)");
    expect(await shop.client.confirm(clientSecret, card)).toMatchObject({ success: true });
  });
});

describe("status refuses", () => {
  it.each([
    ["an unknown session", randomUUID()],
    ["an id that is none", "1"],
    ["an id with more behind it", `${session.id}'--`],
  ])("%s", async (_name, id) => {
    expect(await refused({ method: "GET", path: `/checkout-status/${encodeURIComponent(id)}` }))
      .toMatchObject({
        status: 404,
        code: "session_not_found",
      });
  });

  it("a session token that is forged, rather than answer as to nobody", async () => {
    const answer = await refused({
      method: "GET",
      path: `/checkout-status/${session.id}`,
      headers: bearer(tampered(token)),
    });
    expect(answer).toMatchObject({ status: 401, code: "session_token_invalid" });
  });
});

const cancel = (id: string, headers: Record<string, string>) =>
  refused({ path: `/checkout-cancel/${encodeURIComponent(id)}`, headers });

describe("cancel refuses", () => {
  it.each([
    ["an unknown session", randomUUID()],
    ["an id that is none", "1"],
    ["an id with more behind it", `${session.id}'--`],
    ["another customer's session", session.id],
  ])("%s", async (_name, id) => {
    expect(await cancel(id, bearer(token))).toMatchObject({
      status: 404,
      code: "session_not_found",
    });
  });

  it("another organization's token for the same user", async () => {
    const user = randomUUID();
    const { id } = await shop.create({ user });
    expect(await cancel(id, bearer(await stranger.token(user)))).toMatchObject({
      status: 404,
      code: "session_not_found",
    });
  });

  it.each([
    ["no token", {}],
    ["the organization's own key", bearer(shop.organizationKey)],
    ["the client secret", bearer(session.clientSecret)],
    ["a token of the other mode", bearer(token.replace("_test_", "_live_"))],
    ["a token whose claims were changed", bearer(tampered(token))],
  ])("a caller with %s", async (_name, headers) => {
    expect(await cancel(session.id, headers)).toMatchObject({
      status: 401,
      code: "session_token_invalid",
    });
  });

  it("an owner whose token allows only to read entitlements", async () => {
    const user = randomUUID();
    const { id } = await shop.create({ user });
    const reader = await shop.token(user, 3600, ["entitlements"]);
    expect(await cancel(id, bearer(reader))).toMatchObject({
      status: 403,
      code: "operation_not_allowed",
    });
  });

  it("an owner whose token was revoked", async () => {
    const user = randomUUID();
    const { id } = await shop.create({ user });
    const revoked = await shop.token(user);
    await shop.query("update billing.session_tokens set revoked_at = now() where id = $1", [
      decodeJwt(revoked).jti,
    ]);
    expect(await cancel(id, bearer(revoked))).toMatchObject({
      status: 401,
      code: "session_token_invalid",
    });
  });
});

describe.each(["/entitlements", "/features/entitlements", "/features/check?feature_key=pro-1"])(
  "%s refuses",
  (path) => {
    it.each([
      ["no token", {}],
      ["the organization's own key", bearer(shop.organizationKey)],
      ["the publishable key", bearer(publishableKey)],
      ["a token of the other mode", bearer(token.replace("_test_", "_live_"))],
      ["a token whose claims were changed", bearer(tampered(token))],
    ])("a caller with %s", async (_name, headers) => {
      expect(await refused({ method: "GET", path, headers })).toMatchObject({
        status: 401,
        code: "session_token_invalid",
      });
    });

    it("a token that allows only checkouts", async () => {
      const headers = bearer(await shop.token(randomUUID(), 3600, ["checkout"]));
      expect(await refused({ method: "GET", path, headers })).toMatchObject({
        status: 403,
        code: "operation_not_allowed",
      });
    });

    it("a token that was revoked", async () => {
      const revoked = await shop.token();
      await shop.query("update billing.session_tokens set revoked_at = now() where id = $1", [
        decodeJwt(revoked).jti,
      ]);
      expect(await refused({ method: "GET", path, headers: bearer(revoked) })).toMatchObject({
        status: 401,
        code: "session_token_invalid",
      });
    });
  },
);

describe("a check refuses", () => {
  it.each([
    ["no key", ""],
    ["an empty key", "?feature_key="],
    ["the key under another name", "?key=pro-1"],
    ["capitals", "?feature_key=Pro-1"],
    ["a key of 101 letters", `?feature_key=${"a".repeat(101)}`],
    ["a NUL", "?feature_key=pro%00"],
    ["a line break", "?feature_key=pro-1%0a"],
    ["bytes that are no UTF-8", "?feature_key=%ff%fe"],
    ["half of a surrogate pair", "?feature_key=%ed%a0%80"],
    ["a quote", "?feature_key=pro-1'--"],
  ])("%s", async (_name, query) => {
    const answer = await refused({
      method: "GET",
      path: `/features/check${query}`,
      headers: bearer(token),
    });
    expect(answer).toMatchObject({ status: 400, code: "invalid_request" });
  });
});

describe("session-tokens refuses", () => {
  it.each([
    ["no key", {}],
    ["a key that was never made", bearer(`sk_test_${"a".repeat(48)}`)],
    ["a key of the other mode", bearer(shop.organizationKey.replace("_test_", "_live_"))],
    ["a session token", bearer(token)],
    ["the platform's own secret key", bearer(stack().secretKey)],
  ])("%s", async (_name, headers) => {
    const answer = await refused({
      path: "/session-tokens",
      headers,
      body: json({ externalUserId: "u" }),
    });
    expect(answer).toMatchObject({ status: 401, code: "api_key_invalid" });
  });

  it.each([
    ["a life of less than a minute", { externalUserId: "u", expiresIn: 59 }],
    ["a life of more than a day", { externalUserId: "u", expiresIn: 86_401 }],
    ["no user", {}],
    ["a user of 256 letters", { externalUserId: "u".repeat(256) }],
  ])("%s", async (_name, body) => {
    const answer = await refused({
      path: "/session-tokens",
      headers: bearer(shop.organizationKey),
      body: json(body),
    });
    expect(answer).toMatchObject({ status: 400, code: "invalid_request" });
  });

  it("to revoke another organization's token", async () => {
    const { jti } = decodeJwt(token);
    const answer = await refused({
      method: "DELETE",
      path: `/session-tokens/${jti}`,
      headers: bearer(stranger.organizationKey),
    });
    expect(answer).toMatchObject({ status: 404, code: "token_not_found" });
  });
});

describe("every function", () => {
  it.each([
    ["a path that leads nowhere", "POST", "/checkout-create/more", 404, "route_not_found"],
    ["a method that the path does not take", "PUT", "/checkout-create", 405, "method_not_allowed"],
    ["GET where only POST is taken", "GET", "/stripe-webhook", 405, "method_not_allowed"],
    ["the router's unknown path", "POST", "/checkout/refund", 404, "route_not_found"],
  ])("refuses %s", async (_name, method, path, status, code) => {
    expect(await refused({ method, path })).toMatchObject({ status, code });
  });
});
