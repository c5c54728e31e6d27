import { createHmac, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { createResponse } from "../../shared/contract/create.ts";
import { errorResponse } from "../../shared/contract/error.ts";
import { openShop, refusal, type Shop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";
import { newClient, type Person, setUsers, signUp } from "./auth-users/people.ts";

const { apiUrl, functionsUrl } = stack();
let shop: Shop;
let person: Person;
beforeAll(async () => {
  shop = await openShop(stack());
});
beforeEach(async () => {
  await setUsers(shop, "users");
  person = await signUp();
});
afterAll(async () => {
  await setUsers(shop, "off");
  await shop.close();
});

const call = (path: string, token: string, body?: object) =>
  fetch(`${functionsUrl}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const create = (token: string) => shop.client.create(token, { priceId: shop.pro.priceId });

describe("a user who has signed in with supabase-js", () => {
  it("buys, has the features, and comes back to an own session", async () => {
    const session = await create(person.token);
    expect(await shop.client.ownStatus(person.token, session.id)).toMatchObject({
      clientSecret: session.clientSecret,
    });
    await shop.pay(session);
    const entitlements = await call("/entitlements", person.token);
    expect(await entitlements.json()).toMatchObject({
      entitlements: [{ featureKey: "pro-1" }, { featureKey: "pro-2" }],
    });
    const check = await call("/features/check?feature_key=pro-1", person.token);
    expect(await check.json()).toMatchObject({ has_access: true });
    const products = await call("/products", person.token);
    expect(await products.json()).toMatchObject({
      currentSubscription: { productId: shop.pro.productId },
    });
    const row = await shop.one(
      "select external_id from billing.customers where organization_id = $1",
      [
        shop.organizationId,
      ],
    );
    expect(row).toEqual({ external_id: person.id });
  });

  it("goes on with a refreshed token, and has the open session back", async () => {
    const first = await create(person.token);
    const { data } = await person.supabase.auth.refreshSession();
    expect((await create(data.session?.access_token ?? "")).id).toBe(first.id);
  });

  it("activates and cancels an own session, and no other's", async () => {
    const { priceId } = await shop.sell("Free", { amount: 0 });
    const other = await signUp();
    const free = await shop.client.create(person.token, { priceId });
    const open = await create(person.token);
    for (const [token, status] of [[other.token, 404], [person.token, 200]] as const) {
      expect((await call(`/checkout/${free.id}/confirm-free`, token, {})).status).toBe(status);
      expect((await call(`/checkout-cancel/${open.id}`, token, {})).status).toBe(status);
    }
  });

  it.each(["/checkout/create", "/sdk/checkout/create"])(
    "is let in at the SDK's path %s",
    async (path) => {
      const response = await call(path, person.token, { priceId: shop.pro.priceId });
      expect(response.status).toBe(201);
      expect(createResponse.safeParse(await response.json()).success).toBe(true);
    },
  );

  it("follows the checkout over Realtime", async () => {
    const session = await create(person.token);
    const status = await new Promise((resolve) => {
      person.supabase.channel(session.realtime.topic, { config: { private: true } })
        .subscribe(resolve);
    });
    expect(status).toBe("SUBSCRIBED");
    await person.supabase.removeAllChannels();
  });

  it("may be anonymous where the organization says so", async () => {
    const anonymous = await signUp({ anonymous: true });
    expect(await refusal(create(anonymous.token))).toMatchObject({ code: "session_token_invalid" });
    await setUsers(shop, "users_and_anonymous");
    expect((await create(anonymous.token)).status).toBe("pending");
  });
});

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const keysFile = z.object({ keys: z.array(z.looseObject({ kid: z.string() })).min(1) });

/** The person's own token with another signature over what it says. */
function resigned(
  token: string,
  header: object,
  signer: (text: string) => string,
  claims: object = {},
): string {
  const text = `${part({ ...decodeProtectedHeader(token), ...header })}.${
    part({ ...decodeJwt(token), ...claims })
  }`;
  return `${text}.${signer(text)}`;
}
const foreign = generateKeyPairSync("ec", { namedCurve: "P-256" });
const byForeignKey = (text: string) =>
  sign("sha256", Buffer.from(text), { key: foreign.privateKey, dsaEncoding: "ieee-p1363" })
    .toString("base64url");

describe("a user's own token is refused everywhere", () => {
  type Make = () => Promise<string>;
  const attacks: [what: string, make: Make][] = [
    ["forged under the project's key id", async () => resigned(person.token, {}, byForeignKey)],
    ["HS256 with the published key as the secret", async () => {
      const file = await (await fetch(`${apiUrl}/auth/v1/.well-known/jwks.json`)).text();
      expect(keysFile.parse(JSON.parse(file)).keys[0]?.kid)
        .toBe(decodeProtectedHeader(person.token).kid);
      const hmac = (text: string) => createHmac("sha256", file).update(text).digest("base64url");
      return resigned(person.token, { alg: "HS256" }, hmac);
    }],
    ["of alg none", async () => resigned(person.token, { alg: "none" }, () => "")],
    ["of another user, under its own signature", async () => {
      const signature = person.token.split(".")[2] ?? "";
      return resigned(person.token, {}, () => signature, { sub: randomUUID() });
    }],
    ["an anonymous user's", async () => (await signUp({ anonymous: true })).token],
    ["after signing out here", async () => {
      await person.supabase.auth.signOut({ scope: "local" });
      return person.token;
    }],
    ["after signing out everywhere", async () => {
      await person.supabase.auth.signOut();
      return person.token;
    }],
    ["of a deleted user", async () => {
      await shop.query("delete from auth.users where id = $1", [person.id]);
      return person.token;
    }],
    ["while no organization has such customers", async () => {
      await setUsers(shop, "off");
      return person.token;
    }],
    ["while only a live organization has such customers", async () => {
      await shop.query("update billing.organizations set livemode = true where id = $1", [
        shop.organizationId,
      ]);
      return person.token;
    }],
  ];

  it.each(attacks)("%s", async (what, make) => {
    const session = await create((await signUp()).token);
    const token = await make();
    const answers = await Promise.all([
      call("/checkout-create", token, { priceId: shop.pro.priceId }),
      call(`/checkout-cancel/${session.id}`, token, {}),
      call("/checkout-confirm", token, { sessionId: session.id }),
      // Of what is only read, the mode is the organization's own.
      ...(what.includes("live") ? [] : ["/entitlements", "/products"].map((at) => call(at, token))),
    ]);
    const codes = await Promise.all(
      answers.map(async (answer) => errorResponse.parse(await answer.json()).error.code),
    );
    expect(codes).toEqual(codes.map(() => "session_token_invalid"));
    // What anybody may see stays to be seen, also by whom supabase-js sends an old token for.
    const status = await call(`/checkout-status/${session.id}`, token);
    expect([status.status, Object.keys(z.object({}).loose().parse(await status.json()))])
      .toEqual([200, expect.not.arrayContaining(["clientSecret"])]);
    await shop.query("update billing.organizations set livemode = false where id = $1", [
      shop.organizationId,
    ]);
  });
});

it("whoever is not signed in is told so, with supabase-js' own key as bearer", async () => {
  const { response } = await newClient().functions.invoke("entitlements", { method: "GET" });
  expect(response?.status).toBe(401);
});
