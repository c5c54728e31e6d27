import { describe, expect, it } from "vitest";
import { isTotp, newSecret, totpAt } from "../../../stack/auth/totp.ts";

/** "12345678901234567890", as RFC 6238 has it in its appendix B. */
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

describe("the code of an authenticator app", () => {
  it.each([
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_111_111_111, "050471"],
    [1_234_567_890, "005924"],
    [2_000_000_000, "279037"],
    [20_000_000_000, "353130"],
  ])("is that of RFC 6238 at %i", (at, code) => {
    expect(totpAt(SECRET, at)).toBe(code);
  });

  it.each([
    ["the step before", -30, true],
    ["the step after", 30, true],
    ["two steps before", -60, false],
    ["two steps after", 60, false],
  ])("of %s is taken: %s", (_which, seconds, isTaken) => {
    const now = 1_234_567_890;
    expect(isTotp(SECRET, totpAt(SECRET, now + seconds), now)).toBe(isTaken);
  });

  it("is of a key that nobody else has", () => {
    expect(newSecret()).toMatch(/^[A-Z2-7]{32}$/);
    expect(newSecret()).not.toBe(newSecret());
  });
});
