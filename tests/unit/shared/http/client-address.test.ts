import { describe, expect, it } from "vitest";
import { createDigest } from "../../../../shared/runtime/digest.ts";
import { addressDigest, clientOf, networkOf } from "../../../../shared/http/client-address.ts";

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
    "203.0.113",
    "203.0.113.256",
    "203.0.113.07",
    "0x7f000001",
    "1::2::3",
    "2001:db8::7::",
    "1:2:3:4:5:6:7:8:9",
    "fe80::1%eth0",
    "[2001:db8::7]",
    ":",
    "....",
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

  it("is nobody where no header is trusted, whatever the caller writes", () => {
    const headers = {
      "cf-connecting-ip": "203.0.113.7",
      "x-forwarded-for": "203.0.113.7",
      "x-real-ip": "203.0.113.7",
      "true-client-ip": "203.0.113.7",
      forwarded: "for=203.0.113.7",
    };
    expect(clientOf(new Request("http://localhost/", { headers }), undefined)).toBeUndefined();
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

describe("the network that limits count by", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["203.0.113.8", "203.0.113.8"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::FFFF:cb00:7107", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0db8:0001:0002::", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"],
    ["2001:db8:1:3::1", "2001:db8:1:3::/64"],
    ["2001:db8::7", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["1::", "1:0:0:0::/64"],
    ["64:ff9b::203.0.113.7", "64:ff9b:0:0::/64"],
  ])("of %s is %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it("is one however many addresses of a /64 a caller has", async () => {
    const digest = createDigest(new Uint8Array(32));
    const digests = await Promise.all(
      Array.from(
        { length: 200 },
        (_, n) =>
          addressDigest(
            { address: `2001:db8:1:2:${n.toString(16)}::${n}`, userAgent: "x" },
            digest,
          ),
      ),
    );
    expect(new Set(digests).size).toBe(1);
    const beyond = { address: "2001:db8:1:3::1", userAgent: "x" };
    expect(await addressDigest(beyond, digest)).not.toBe(digests[0]);
  });
});
