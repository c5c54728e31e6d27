import { describe, expect, it } from "vitest";
import { CheckoutError } from "../../../../shared/errors.ts";
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
