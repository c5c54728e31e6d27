import { describe, expect, it } from "vitest";
import { errorResponse } from "../../../../shared/contract/error.ts";
import { CheckoutError } from "../../../../shared/runtime/errors.ts";
import { failing, hello, recorded } from "./recorded.ts";

const REQUEST_ID = /^req_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const errorOf = async (response: Response) => errorResponse.parse(await response.json()).error;

describe("a request", () => {
  it("gets to the route of its path and method, with the path's parameters", async () => {
    const { send } = recorded([failing(new Error("wrong route"), "/hello/:name"), hello]);
    const response = await send("/hello/w%C3%B6rld?x=1#y");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ hello: "wörld" });
  });

  it("has an id that is its own, in the answer's header, in the log and in the error", async () => {
    const { send, lines } = recorded([hello, failing(new CheckoutError("session_closed"))]);
    const first = await send("/hello/a");
    const second = await send("/fail/x", { method: "POST" });
    const ids = [first, second].map(({ headers }) => headers.get("x-request-id"));
    expect(ids[0]).toMatch(REQUEST_ID);
    expect(ids[1]).toMatch(REQUEST_ID);
    expect(ids[0]).not.toBe(ids[1]);
    expect((await errorOf(second)).requestId).toBe(ids[1]);
    expect(lines().map(({ requestId }) => requestId)).toEqual([ids[0], ids[1], ids[1]]);
  });

  it("cannot choose its id", async () => {
    const { send } = recorded([hello]);
    const response = await send("/hello/a", { headers: { "x-request-id": "req_mine" } });
    expect(response.headers.get("x-request-id")).toMatch(REQUEST_ID);
  });

  it.each([
    ["an unknown path", "/nothing", "GET", "route_not_found", 404],
    ["the root", "/", "GET", "route_not_found", 404],
    ["a path with a bad percent", "/hello/%zz", "GET", "route_not_found", 404],
    ["another method", "/hello/a", "POST", "method_not_allowed", 405],
    ["a method that nobody has", "/hello/a", "BREW", "method_not_allowed", 405],
    ["DELETE", "/hello/a", "DELETE", "method_not_allowed", 405],
  ])("that nothing takes is refused: %s", async (_what, path, method, code, status) => {
    const response = await recorded([hello]).send(path, { method });
    expect(response.status).toBe(status);
    expect(await errorOf(response)).toMatchObject({ code });
  });
});

const ask = (path: string, method: string) =>
  recorded([
    hello,
    failing(new CheckoutError("session_closed"), "/hello/:name"),
    failing(new Error("x")),
  ])
    .send(path, { method });

describe("a method", () => {
  it.each([
    ["/hello/a", "GET, HEAD, POST, OPTIONS"],
    ["/fail/a", "POST, OPTIONS"],
  ])("that a path does not take is told which ones it takes: %s", async (path, allow) => {
    const response = await ask(path, "DELETE");
    expect([response.status, response.headers.get("allow")]).toEqual([405, allow]);
    expect((await errorOf(response)).details).toEqual({ allowed: allow.split(", ") });
  });

  it("named HEAD is answered as GET, without the body and with its length", async () => {
    const [got, head] = await Promise.all([ask("/hello/a", "GET"), ask("/hello/a", "HEAD")]);
    expect(head.status).toBe(200);
    expect(await head.text()).toBe("");
    expect(head.headers.get("content-type")).toBe(got.headers.get("content-type"));
    expect(head.headers.get("content-length")).toBe(String((await got.text()).length));
  });

  it.each([["/fail/a", 405], ["/nothing", 404]])(
    "named HEAD has no body either where there is no GET: %s",
    async (path, status) => {
      const response = await ask(path, "HEAD");
      expect([response.status, await response.text()]).toEqual([status, ""]);
    },
  );
});

describe("every answer", () => {
  it.each([
    ["a success", "/hello/a", "GET"],
    ["a refusal", "/nothing", "GET"],
    ["a failure", "/fail/x", "POST"],
    ["a preflight", "/hello/a", "OPTIONS"],
  ])(
    "is kept by no cache, read as nothing else and tells no address: %s",
    async (_what, path, method) => {
      const { headers } = await recorded([hello, failing(new Error("x"))]).send(path, { method });
      expect(Object.fromEntries(headers)).toMatchObject({
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        vary: "Origin",
      });
      expect(headers.get("x-request-id")).toMatch(REQUEST_ID);
    },
  );
});

const warnings = (lines: readonly Record<string, unknown>[]) =>
  lines.filter(({ level }) => level === "warn");
const from = (address: string) => ({ headers: { "cf-connecting-ip": address } });

describe("a function that limits by address", () => {
  it("says once, and at its first request, that no caller is named", async () => {
    const addresses = { header: "cf-connecting-ip" };
    const { send, lines } = recorded([hello], [], { addresses });
    await send("/hello/a", { headers: { "x-forwarded-for": "203.0.113.7" } });
    expect(warnings(lines())).toMatchObject([
      { message: "no client address: limits by address do nothing", header: "cf-connecting-ip" },
    ]);
    await send("/hello/a");
    expect(warnings(lines())).toHaveLength(1);
  });

  it("says so where no header is set", async () => {
    const { send, lines } = recorded([hello], [], { addresses: { header: undefined } });
    await send("/hello/a", from("203.0.113.7"));
    expect(warnings(lines())).toMatchObject([{ header: "none is set" }]);
  });

  it("does not while callers are named, and repeats no address", async () => {
    const addresses = { header: "cf-connecting-ip" };
    const { send, lines, written } = recorded([hello], [], { addresses });
    await send("/hello/a", from("203.0.113.7"));
    expect(warnings(lines())).toEqual([]);
    await send("/hello/a", from("203.0.113.7 or so"));
    expect(warnings(lines())).toHaveLength(1);
    expect(written.join("\n")).not.toContain("203.0.113");
  });
});
