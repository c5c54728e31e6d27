import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Gateway, startGateway } from "../../../stack/gateway/index.ts";
import { createKeys, type StackKeys } from "../../../stack/keys.ts";

let keys: StackKeys;
let gateway: Gateway;
let upstream: Server;
let seen: { url: string; headers: IncomingHttpHeaders }[] = [];

beforeAll(async () => {
  keys = await createKeys();
  upstream = createServer((request, response) => {
    seen.push({ url: request.url ?? "", headers: request.headers });
    if (request.url?.endsWith("/die") === true) return void request.socket.destroy();
    response.end("served");
  });
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const address = upstream.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  gateway = await startGateway({ keys });
  const functions = new Map([
    ["open", { port: () => Promise.resolve(port), verifyJwt: false }],
    ["guarded", { port: () => Promise.resolve(port), verifyJwt: true }],
    ["down", { port: () => Promise.resolve(undefined), verifyJwt: false }],
  ]);
  gateway.upstreams.findFunction = (slug) => functions.get(slug);
  gateway.upstreams.realtimeUrl = `ws://127.0.0.1:${port}`;
  gateway.upstreams.authUrl = `http://127.0.0.1:${port}`;
});
beforeEach(() => {
  seen = [];
});
afterAll(async () => {
  await gateway.close();
  upstream.close();
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(gateway.url + path, { headers });

it("a function sees its path without /functions/v1 and the query as it came", async () => {
  const response = await get("/functions/v1/open/a/b?c=%20d");
  expect(await response.text()).toBe("served");
  expect(seen[0]?.url).toBe("/open/a/b?c=%20d");
});

it("a connection outlives the pause of any caller, also of a function, which keeps one for 90 seconds", async () => {
  const { headers } = await get("/functions/v1/open");
  const [, seconds] = /timeout=(\d+)/.exec(headers.get("keep-alive") ?? "") ?? [];
  expect(Number(seconds)).toBeGreaterThan(90);
});

it("a caller cannot choose the address that a function takes it for", async () => {
  const forged = [
    "x-forwarded-for",
    "x-real-ip",
    "forwarded",
    "cf-connecting-ip",
    "true-client-ip",
  ];
  await get("/functions/v1/open", Object.fromEntries(forged.map((name) => [name, "203.0.113.9"])));
  expect(JSON.stringify(seen[0]?.headers)).not.toContain("203.0.113.9");
  expect(seen[0]?.headers["x-forwarded-for"]).toBe("127.0.0.1");
});

it("a function that proves its caller itself gets the caller's own headers", async () => {
  const headers = { apikey: keys.secretKey, authorization: `Bearer ${keys.secretKey}` };
  await get("/functions/v1/open", headers);
  expect(seen[0]?.headers).toMatchObject(headers);
});

it.each([
  ["there is none", "/functions/v1/unknown", 404, { code: "NOT_FOUND" }],
  ["its name is a property of every object", "/functions/v1/constructor", 404, {}],
  ["it is down", "/functions/v1/down", 503, { code: "BOOT_ERROR" }],
  ["it dies at work", "/functions/v1/open/die", 500, { code: "WORKER_ERROR" }],
])("a call to a function is answered with an error when %s", async (_, path, status, body) => {
  const response = await get(path);
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject(body);
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
});

it("a guarded function is reached with a JWT of this project", async () => {
  const response = await get("/functions/v1/guarded", {
    authorization: `Bearer ${keys.roleTokens.anon}`,
  });
  expect(response.status).toBe(200);
});

const encodePart = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const encode = (text: string) => new TextEncoder().encode(text);
it.each<[string, () => Promise<string> | string]>([
  ["no credentials", () => ""],
  ["an opaque key", () => `Bearer ${keys.publishableKey}`],
  [
    "a JWT signed with another key",
    async () =>
      `Bearer ${await new SignJWT({ role: "service_role" }).setProtectedHeader({ alg: "HS256" })
        .setExpirationTime("1h").sign(encode("another-secret-of-thirty-two-bytes"))}`,
  ],
  [
    "a JWT past its time",
    async () =>
      `Bearer ${await new SignJWT({ role: "anon" }).setProtectedHeader({ alg: "HS256" })
        .setExpirationTime(1).sign(encode(keys.jwtSecret))}`,
  ],
  ["a JWT without a signature", () => {
    return `Bearer ${encodePart({ alg: "none" })}.${encodePart({ role: "service_role" })}.`;
  }],
])("a guarded function is not reached with %s", async (_, authorization) => {
  const value = await authorization();
  const response = await get(
    "/functions/v1/guarded",
    value === "" ? {} : { authorization: value },
  );
  expect(response.status).toBe(401);
  expect(seen).toEqual([]);
});

it.each(["/rest/v1/organizations", "/realtime/v1/api/broadcast"])(
  "%s is not reached without a key, nor with a stranger's",
  async (path) => {
    gateway.upstreams.postgrestSocket = "/nowhere";
    const stranger = (await createKeys()).secretKey;
    expect((await get(path)).status).toBe(401);
    expect((await get(path, { apikey: stranger })).status).toBe(401);
    expect((await get(path, { apikey: "" })).status).toBe(401);
    expect(seen).toEqual([]);
  },
);

it.each(
  [
    ["publishable", "anon"],
    ["secret", "service_role"],
  ] as const,
)("a %s key becomes the JWT of %s, in the header and in the query", async (kind, role) => {
  const key = kind === "secret" ? keys.secretKey : keys.publishableKey;
  await get("/realtime/v1/api/x", { apikey: key, authorization: `Bearer ${key}` });
  await get(`/realtime/v1/api/x?apikey=${key}`);
  for (const { headers } of seen) {
    expect(headers.authorization).toBe(`Bearer ${keys.roleTokens[role]}`);
  }
  expect(seen).toHaveLength(2);
});

it("a user's own JWT passes through beside the key", async () => {
  await get("/realtime/v1/api/x", { apikey: keys.publishableKey, authorization: "Bearer a.b.c" });
  expect(seen[0]?.headers.authorization).toBe("Bearer a.b.c");
});

it("a path of no service is 404", async () => {
  expect((await get("/storage/v1/object")).status).toBe(404);
  expect((await get("/")).status).toBe(404);
});

it("Auth needs a key for all but the project's public keys", async () => {
  expect((await get("/auth/v1/token")).status).toBe(401);
  expect((await get("/auth/v1/token", { apikey: keys.publishableKey })).status).toBe(200);
  expect((await get("/auth/v1/.well-known/jwks.json")).status).toBe(200);
  expect(seen.map(({ url }) => url)).toEqual(["/token", "/.well-known/jwks.json"]);
});
