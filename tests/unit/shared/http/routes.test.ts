import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchPath } from "../../../../shared/http/routes.ts";

const STATUS = "/checkout-status/:sessionId";
const CONFIRM = "/checkout/:clientSecret/confirm";

describe("a path that fits", () => {
  it.each([
    ["without parameters", "/checkout-create", "/checkout-create", {}],
    ["with a slash at its end", "/checkout-create", "/checkout-create/", {}],
    ["with one", STATUS, "/checkout-status/abc", { sessionId: "abc" }],
    ["with one and a slash at its end", STATUS, "/checkout-status/abc/", { sessionId: "abc" }],
    ["with one in the middle", CONFIRM, "/checkout/pi_1_secret_2/confirm", {
      clientSecret: "pi_1_secret_2",
    }],
    ["encoded", STATUS, "/checkout-status/%61%20%C3%BC", { sessionId: "a ü" }],
    ["with an encoded slash", STATUS, "/checkout-status/a%2Fb", { sessionId: "a/b" }],
    ["with an encoded way up", STATUS, "/checkout-status/..%2F..%2Fx", { sessionId: "../../x" }],
    ["with an encoded NUL", STATUS, "/checkout-status/%00", { sessionId: "\0" }],
    ["encoded twice, decoded once", STATUS, "/checkout-status/%252F", { sessionId: "%2F" }],
    ["with a plus, which is no space", STATUS, "/checkout-status/a+b", { sessionId: "a+b" }],
    ["with a colon", STATUS, "/checkout-status/:sessionId", { sessionId: ":sessionId" }],
  ])("is found and its parameters decoded: %s", (_what, pattern, path, params) => {
    expect(matchPath(pattern, path)).toEqual(params);
  });
});

describe("a path that does not fit", () => {
  it.each([
    ["another name", "/checkout-create", "/checkout-confirm"],
    ["in capitals", "/checkout-create", "/Checkout-Create"],
    ["too short", STATUS, "/checkout-status"],
    ["too short, with a slash", STATUS, "/checkout-status/"],
    ["too long", STATUS, "/checkout-status/a/b"],
    ["something before it", "/checkout-create", "/x/checkout-create"],
    ["a slash before it", "/checkout-create", "//checkout-create"],
    ["two slashes at its end", "/checkout-create", "/checkout-create//"],
    ["an encoded name", "/checkout-create", "/checkout%2Dcreate"],
    ["an encoded slash for a real one", CONFIRM, "/checkout/a%2Fconfirm"],
    ["a bad percent", STATUS, "/checkout-status/%"],
    ["a percent of one digit", STATUS, "/checkout-status/%2"],
    ["a percent of no digits", STATUS, "/checkout-status/%zz"],
    ["a percent that is no UTF-8", STATUS, "/checkout-status/%ff"],
    ["a percent that is half a letter", STATUS, "/checkout-status/%C3"],
    ["the root", STATUS, "/"],
    ["nothing", STATUS, ""],
  ])("is not found: %s", (_what, pattern, path) => {
    expect(matchPath(pattern, path)).toBeUndefined();
  });
});

it("a parameter comes back as it was encoded, whatever is in it", () => {
  const text = fc.string({ minLength: 1, unit: "grapheme" });
  fc.assert(fc.property(text, (value) => {
    expect(matchPath(CONFIRM, `/checkout/${encodeURIComponent(value)}/confirm`))
      .toEqual({ clientSecret: value });
  }));
});

it("no path makes the router throw", () => {
  fc.assert(fc.property(fc.string(), (junk) => {
    for (const path of [junk, `/checkout-status/${junk}`, `/checkout/%${junk}/confirm`]) {
      expect(() => [matchPath(STATUS, path), matchPath(CONFIRM, path)]).not.toThrow();
    }
  }));
});
