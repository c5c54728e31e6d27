import { describe, expect, it } from "vitest";
import { createDigest } from "../../../../shared/digest.ts";
import { addressDigest, clientOf } from "../../../../shared/http/client-address.ts";

const from = (headers: Record<string, string>) =>
  clientOf(new Request("http://localhost/", { headers }), "x-forwarded-for");

describe("the caller that the gateway names", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["10.0.0.1, 10.0.0.2, 203.0.113.7", "203.0.113.7"],
    ["10.0.0.1 , 203.0.113.7 ", "203.0.113.7"],
    ["2001:db8::7", "2001:db8::7"],
    ["::ffff:203.0.113.7", "::ffff:203.0.113.7"],
  ])("is the last of %j: what stands before it the caller may have written", (header, address) => {
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

  it("is read from the header that the gateway sets, and from no other", () => {
    const headers = { "x-forwarded-for": "203.0.113.7", "x-real-ip": "203.0.113.8" };
    expect(clientOf(new Request("http://localhost/", { headers }), "cf-connecting-ip"))
      .toBeUndefined();
  });

  it("leaves a digest that changes with the day and with the key", async () => {
    const client = { address: "203.0.113.7", userAgent: "Browser/1" };
    const digest = createDigest(new Uint8Array(32));
    const on = (day: string) => addressDigest(client, digest, new Date(`${day}T12:00:00Z`));
    expect(await on("2026-11-23")).toBe(await on("2026-11-23"));
    expect(await on("2026-11-24")).not.toBe(await on("2026-11-23"));
    expect(
      await addressDigest(client, createDigest(new Uint8Array(32).fill(1)), new Date("2026-11-23")),
    ).not.toBe(await on("2026-11-23"));
    expect(await addressDigest(undefined, digest)).toBeUndefined();
  });

  it("has a browser of at most 500 letters, or an unknown one", () => {
    const named = { "x-forwarded-for": "203.0.113.7" };
    expect(from({ ...named, "user-agent": "x".repeat(5_000) })?.userAgent).toHaveLength(500);
    expect(from(named)?.userAgent).toBe("unknown");
  });
});
