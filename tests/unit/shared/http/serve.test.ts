import { describe, expect, it } from "vitest";
import { errorResponse } from "../../../../shared/contract/error.ts";
import { CheckoutError } from "../../../../shared/errors.ts";
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
    ["HEAD", "/hello/a", "HEAD", "method_not_allowed", 405],
    ["DELETE", "/hello/a", "DELETE", "method_not_allowed", 405],
  ])("that nothing takes is refused: %s", async (_what, path, method, code, status) => {
    const response = await recorded([hello]).send(path, { method });
    expect(response.status).toBe(status);
    expect(await errorOf(response)).toMatchObject({ code });
  });
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
