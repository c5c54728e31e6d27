import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { createDigest, type DigestPurpose } from "../../../../shared/runtime/digest.ts";

const keyBytes = (fill: number) => new Uint8Array(32).fill(fill);
const digest = createDigest(keyBytes(1));
const purposes: DigestPurpose[] = ["api_key", "client_secret", "create_request"];

it.each(purposes)(
  "a digest for %s is HMAC-SHA-256 over purpose and value, as base64url",
  async (purpose) => {
    const expected = createHmac("sha256", keyBytes(1)).update(`${purpose}\nvalue`).digest(
      "base64url",
    );
    expect(await digest(purpose, "value")).toBe(expected);
    expect(expected).toMatch(/^[\w-]{43}$/);
  },
);

it("one value has one digest, in this process and in the next", async () => {
  const again = createDigest(keyBytes(1));
  expect(await again("api_key", "sk_test_a")).toBe(await digest("api_key", "sk_test_a"));
  expect(await digest("api_key", "sk_test_a")).toBe("4vxQd64Qe5Uuno5L6R15ogC8P3TdxRpuTpuKbazVk64");
});

it("a digest for one purpose stands for no other", async () => {
  const all = await Promise.all(purposes.map((purpose) => digest(purpose, "one value")));
  expect(new Set(all).size).toBe(purposes.length);
});

it("a value cannot smuggle another purpose in", async () => {
  const smuggled = await digest("api_key", "client_secret\nvalue");
  expect(smuggled).not.toBe(await digest("client_secret", "value"));
});

it("another key gives another digest", async () => {
  const other = createDigest(keyBytes(2));
  expect(await other("api_key", "sk_test_a")).not.toBe(await digest("api_key", "sk_test_a"));
});

it("values that differ have digests that differ, and no digest shows its value", async () => {
  await fc.assert(fc.asyncProperty(fc.string(), fc.string(), async (a, b) => {
    fc.pre(a !== b);
    const [first, second] = [await digest("api_key", a), await digest("api_key", b)];
    expect(first).not.toBe(second);
    expect(a.length > 3 && first.includes(a)).toBe(false);
  }));
});

it.each([["nothing", ""], ["NUL", "\0"], ["an emoji", "🔑"], ["64 KiB", "x".repeat(65_536)]])(
  "takes %s",
  async (_what, value) => expect(await digest("client_secret", value)).toMatch(/^[\w-]{43}$/),
);

it("a secret that is right but for its last letter has a digest that is wrong from the first", async () => {
  const tail = "A".repeat(24);
  const all = await Promise.all(
    Array.from(
      "BCDEFGHIJKLMNOPQRSTUVWXYZ",
      (letter) => digest("client_secret", `pi_1_secret_${tail}${letter}`),
    ),
  );
  // Were a common beginning kept, whoever could time the comparison would guess letter by letter.
  expect(new Set(all.map((text) => text.slice(0, 2))).size).toBeGreaterThan(20);
});
