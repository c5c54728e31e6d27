import { describe, expect, it } from "vitest";
import { clientOf } from "../../../../shared/http/client-address.ts";

const from = (headers: Record<string, string>) =>
  clientOf(new Request("http://localhost/", { headers }));

describe("the caller that the gateway names", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["203.0.113.7, 10.0.0.1, 10.0.0.2", "203.0.113.7"],
    [" 203.0.113.7 ,10.0.0.1", "203.0.113.7"],
    ["2001:db8::7", "2001:db8::7"],
    ["::ffff:203.0.113.7", "::ffff:203.0.113.7"],
  ])("is the first of %j", (header, address) => {
    expect(from({ "x-forwarded-for": header, "user-agent": "Browser/1" }))
      .toEqual({ address, userAgent: "Browser/1" });
  });

  it.each([
    "",
    ",",
    "unknown",
    "localhost",
    "shop.example",
    "203.0.113.7:8080 x",
    "<script>",
    "203.0.113.7'--",
    "1".repeat(46),
  ])("is nobody where it is no address: %.30j", (header) => {
    expect(from({ "x-forwarded-for": header })).toBeUndefined();
  });

  it("is nobody where nobody is named", () => {
    expect(from({ "user-agent": "Browser/1" })).toBeUndefined();
  });

  it("has a browser of at most 500 letters, or an unknown one", () => {
    const named = { "x-forwarded-for": "203.0.113.7" };
    expect(from({ ...named, "user-agent": "x".repeat(5_000) })?.userAgent).toHaveLength(500);
    expect(from(named)?.userAgent).toBe("unknown");
  });
});
