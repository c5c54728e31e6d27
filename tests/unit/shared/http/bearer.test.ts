import { describe, expect, it } from "vitest";
import { bearer } from "../../../../shared/http/bearer.ts";

const given = (authorization: string) =>
  bearer(new Request("http://localhost/", { headers: { authorization } }));

describe("a bearer's credential", () => {
  it.each([
    ["Bearer sk_test_1", "sk_test_1"],
    ["bearer sk_test_1", "sk_test_1"],
    ["BEARER sk_test_1", "sk_test_1"],
    ["Bearer   sk_test_1", "sk_test_1"],
    [`Bearer ${"x".repeat(8_192)}`, "x".repeat(8_192)],
  ])("is what follows the word: %.30s", (header, credential) => {
    expect(given(header)).toBe(credential);
  });

  it.each([
    ["an empty header", ""],
    ["only the word", "Bearer"],
    ["only the word and a space", "Bearer "],
    ["another scheme", "Basic c2s6dGVzdA=="],
    ["no scheme", "sk_test_1"],
    ["no space", "Bearer:sk_test_1"],
    ["a tab", "Bearer\tsk_test_1"],
    ["two credentials", "Bearer sk_test_1 sk_test_2"],
    ["two headers in one", "Bearer sk_test_1, Bearer sk_test_2"],
    ["a word before it", "x Bearer sk_test_1"],
    ["too long a credential", `Bearer ${"x".repeat(8_193)}`],
    ["far too long a credential", `Bearer ${"x".repeat(1_000_000)}`],
    ["spaces without end", `Bearer ${" ".repeat(100_000)}`],
  ])("is absent: %s", (_what, header) => {
    expect(given(header)).toBeUndefined();
  });

  it("is absent without the header", () => {
    expect(bearer(new Request("http://localhost/"))).toBeUndefined();
  });
});
