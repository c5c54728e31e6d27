import { describe, expect, it } from "vitest";
import { CheckoutError } from "../../../../shared/runtime/errors.ts";
import { failing, hello, recorded } from "./recorded.ts";

describe("the log", () => {
  const SECRET = "pi_3Nabc_secret_xYz123";

  it.each([
    ["a success", hello, `/hello/${SECRET}`, "GET", "/hello/:name"],
    [
      "a refusal",
      failing(new CheckoutError("session_closed")),
      `/fail/${SECRET}`,
      "POST",
      "/fail/:clientSecret",
    ],
    [
      "a failure",
      failing(new Error(`no ${SECRET}`)),
      `/fail/${SECRET}`,
      "POST",
      "/fail/:clientSecret",
    ],
    ["a wrong method", hello, `/hello/${SECRET}`, "POST", "/hello/:name"],
    ["an unknown path", hello, `/x/${SECRET}?secret=${SECRET}`, "GET", "none"],
    ["a preflight", hello, `/hello/${SECRET}`, "OPTIONS", "/hello/:name"],
  ])(
    "names the route and never the path, which may hold a secret: %s",
    async (_what, route, path, method, pattern) => {
      const { send, lines, written } = recorded([route]);
      const { status } = await send(path, {
        method,
        headers: { authorization: `Bearer ${SECRET}`, cookie: SECRET, "user-agent": SECRET },
      });
      const line = lines().find(({ message }) => message === "request");
      expect(line).toMatchObject({ level: "info", method, route: pattern, status });
      expect(line?.["milliseconds"]).toBeTypeOf("number");
      expect(written.join("\n")).not.toContain("xYz123");
    },
  );

  it("has one line a request, and one more for a refusal with its cause", async () => {
    const error = new CheckoutError("stripe_unavailable", {
      cause: new Error("api_error 503 req_1"),
    });
    const { send, lines } = recorded([hello, failing(error)]);
    await send("/hello/a");
    await send("/fail/x", { method: "POST" });
    expect(lines().map(({ message }) => message)).toEqual(["request", "refused", "request"]);
    expect(lines()[1]).toMatchObject({
      level: "error",
      code: "stripe_unavailable",
      cause: "Error: api_error 503 req_1",
    });
  });

  it("carries the caller's trace on every line of a request, and on none of a caller without one", async () => {
    const { send, lines } = recorded([hello, failing(new Error("no"))]);
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    await send("/fail/x", { method: "POST", headers: { traceparent } });
    expect(lines().map((line) => line["traceId"])).toEqual([traceId, traceId]);
    await send("/hello/a");
    expect(lines()[2]).not.toHaveProperty("traceId");
  });

  it("says on its last line what was found out on the way, also of a refusal", async () => {
    const { send, lines } = recorded([{
      ...hello,
      handle: ({ log }) => {
        log.note({ sessionId: "s" });
        return Promise.reject(new CheckoutError("session_closed"));
      },
    }]);
    await send("/hello/a");
    expect(lines().map((line) => [line["message"], line["sessionId"]]))
      .toEqual([["refused", "s"], ["request", "s"]]);
    await send("/nothing");
    expect(lines().at(-1)).not.toHaveProperty("sessionId");
  });

  it("says how many calls it took and how long each dependency had of it, also where there were none", async () => {
    const { send, lines } = recorded([hello]);
    await send("/hello/a");
    expect(lines()[0]).toMatchObject({
      databaseCalls: 0,
      databaseMilliseconds: 0,
      stripeCalls: 0,
      stripeMilliseconds: 0,
    });
  });

  it("calls a caller's mistake no error of ours", async () => {
    const { send, lines } = recorded([hello]);
    await send("/nothing");
    expect(lines()[0]).toMatchObject({
      level: "info",
      message: "refused",
      code: "route_not_found",
    });
  });

  it("tells of what was thrown and is no error only its type", async () => {
    const { send, lines, written } = recorded([failing({ inside: "story" })]);
    await send("/fail/x", { method: "POST" });
    expect(lines()[0]).toMatchObject({ cause: "object" });
    expect(written.join("")).not.toContain("story");
  });

  it("lets a handler write with the request's id", async () => {
    const { send, lines } = recorded([{
      ...hello,
      handle: ({ log, requestId }) => {
        log.info("working");
        return Promise.resolve(new Response(requestId));
      },
    }]);
    const told = await (await send("/hello/a")).text();
    expect(lines()[0]).toMatchObject({ message: "working", requestId: told });
  });
});
