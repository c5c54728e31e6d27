import { describe, expect, it } from "vitest";
import { CheckoutError } from "../../../../shared/runtime/errors.ts";
import { isAllowed, originWatch } from "../../../../shared/http/cors.ts";
import { createLogger } from "../../../../shared/runtime/log.ts";
import { failing, hello, recorded } from "./recorded.ts";

const SHOP = "https://shop.example";
const routes = [hello, failing(new CheckoutError("session_closed"), "/hello/:name")];

function ask(allowed: readonly string[], origin?: string, method = "GET") {
  const headers: Record<string, string> = origin === undefined ? {} : { origin };
  return recorded(routes, allowed).send("/hello/a", { method, headers });
}

const allowedTo = (response: Response) => response.headers.get("access-control-allow-origin");

describe("a page on the list", () => {
  it.each([
    ["a success", "GET", 200],
    ["an error", "POST", 409],
    ["a preflight", "OPTIONS", 204],
  ])("may read %s", async (_what, method, status) => {
    const response = await ask(["https://other.example", SHOP], SHOP, method);
    expect(response.status).toBe(status);
    expect(allowedTo(response)).toBe(SHOP);
    expect(response.headers.get("access-control-expose-headers")).toBe("x-request-id, retry-after");
  });

  it("is told what it may send", async () => {
    const { headers } = await ask([SHOP], SHOP, "OPTIONS");
    expect(headers.get("access-control-allow-methods")).toBe("GET, POST");
    expect(headers.get("access-control-max-age")).toBe("600");
    const sent = headers.get("access-control-allow-headers")?.split(", ");
    expect(sent).toEqual(
      expect.arrayContaining(["authorization", "apikey", "content-type", "idempotency-key"]),
    );
  });

  it("never sends cookies along", async () => {
    for (const allowed of [[SHOP], ["*"]]) {
      const { headers } = await ask(allowed, SHOP, "OPTIONS");
      expect(headers.has("access-control-allow-credentials")).toBe(false);
    }
  });
});

describe("a page that is not on the list", () => {
  it.each([
    ["another site", "https://attacker.example"],
    ["a longer name", "https://shop.example.attacker.example"],
    ["a name that ends alike", "https://evilshop.example"],
    ["a part of its name", "https://sub.shop.example"],
    ["another scheme", "http://shop.example"],
    ["another port", "https://shop.example:8443"],
    ["a path", "https://shop.example/"],
    ["capitals", "https://SHOP.example"],
    ["a file", "null"],
    ["nothing", ""],
    ["a star", "*"],
    ["two origins", "https://shop.example https://attacker.example"],
  ])("may read nothing: %s", async (_what, origin) => {
    for (const method of ["GET", "POST", "OPTIONS"]) {
      const response = await ask([SHOP], origin, method);
      expect(allowedTo(response)).toBeNull();
      expect(response.headers.get("vary")).toBe("Origin");
    }
  });
});

describe("the star", () => {
  it("lets every page read, and is told as a star", async () => {
    expect(allowedTo(await ask(["*"], "https://anyone.example"))).toBe("*");
    expect(allowedTo(await ask(["*", SHOP], "null"))).toBe("*");
  });

  it("is not what an empty list means", async () => {
    expect(allowedTo(await ask([], SHOP))).toBeNull();
  });
});

it("a caller that is no browser gets no word of origins", async () => {
  for (const allowed of [[SHOP], ["*"]]) expect(allowedTo(await ask(allowed))).toBeNull();
});

it("a preflight runs no handler and is refused where there is no route", async () => {
  const { send, lines } = recorded([failing(new Error("ran"), "/a")], [SHOP]);
  expect((await send("/a", { method: "OPTIONS", headers: { origin: SHOP } })).status).toBe(204);
  expect((await send("/b", { method: "OPTIONS", headers: { origin: SHOP } })).status).toBe(404);
  expect(lines().map(({ cause }) => cause).join("")).not.toContain("ran");
});

it.each(["capacitor://localhost", "tauri://localhost"])(
  "an app's page may read: %s",
  async (app) => {
    expect(allowedTo(await ask([SHOP, app], app))).toBe(app);
    expect(allowedTo(await ask([SHOP], app))).toBeNull();
  },
);

const from = (origin: string) => ({ method: "OPTIONS", headers: { origin } });

const refused = (lines: readonly Record<string, unknown>[]) =>
  lines.filter(({ message }) => message === "origin refused");

describe("a refused origin", () => {
  it("is logged once, with the name of the setting", async () => {
    const { send, lines } = recorded(routes, [SHOP]);
    for (let n = 0; n < 5; n += 1) await send("/hello/a", from("https://new.example"));
    expect(refused(lines())).toMatchObject([
      { level: "warn", origin: "https://new.example", setting: "CHECKOUT_ALLOWED_ORIGINS" },
    ]);
  });

  it("is not logged where it is allowed, or where no browser is meant to call", async () => {
    for (const allowed of [[SHOP], ["*"], []]) {
      const { send, lines } = recorded(routes, allowed);
      await send("/hello/a", from(SHOP));
      expect(refused(lines())).toEqual([]);
    }
  });

  it("is not repeated where it is a text of the caller's own", async () => {
    const { send, lines, written } = recorded(routes, [SHOP]);
    for (const text of ["someone@example.com", "https://a.example/pi_1_secret_2", "null"]) {
      await send("/hello/a", from(text));
    }
    expect(refused(lines())).toHaveLength(1);
    expect(written.join()).not.toMatch(/someone|secret_2/);
  });

  it("does not flood the log, whoever sends how many, and is told again an hour later", () => {
    const written: string[] = [];
    let now = 0;
    const watch = originWatch([SHOP], () => now);
    const flood = () => {
      for (let n = 0; n < 1000; n += 1) {
        const headers = { origin: `https://a${n}.example` };
        watch(new Request(SHOP, { headers }), createLogger((line) => written.push(line)));
      }
    };
    flood();
    expect(written).toHaveLength(10);
    now = 3_600_000;
    flood();
    expect(written).toHaveLength(20);
  });
});

describe("a page of the list", () => {
  const allowed = ["https://shop.example.com", "http://localhost:3000"];

  it.each([
    ["the page of an origin", "https://shop.example.com/account?tab=plan"],
    ["the origin's own port", "https://shop.example.com:443/"],
    ["the developer's own machine", "http://localhost:3000/account"],
  ])("is %s", (_what, url) => {
    expect(isAllowed(new URL(url).origin, allowed)).toBe(true);
    expect(isAllowed(new URL(url).origin, ["*"])).toBe(true);
  });

  it.each([
    ["another origin", "https://evil.example/"],
    ["an origin that begins alike", "https://shop.example.com.evil.example/"],
    ["a name before the host", "https://shop.example.com@evil.example/"],
    ["another port", "https://shop.example.com:8443/"],
    ["another scheme", "http://shop.example.com/"],
    ["a host below", "https://a.shop.example.com/"],
    ["a script", "javascript:alert(1)//https://shop.example.com"],
  ])("is not %s", (_what, url) => {
    expect(isAllowed(new URL(url).origin, allowed)).toBe(false);
  });
});
