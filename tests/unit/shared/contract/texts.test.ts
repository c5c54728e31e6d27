import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { email, externalId, metadata, personName } from "../../../../shared/contract/primitives.ts";

const fits = (schema: z.core.$ZodType, value: unknown) => z.safeParse(schema, value).success;

/** So many keys, each as long as Stripe lets one be, with the longest value. */
const entries = (count: number, keyLength = 40, valueLength = 500) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      String(at).padStart(keyLength, "k"),
      "v".repeat(valueLength),
    ]),
  );

/** A name of so many letters, ending as a domain does. */
const domain = (length: number) => `${`${"d".repeat(60)}.`.repeat(4).slice(0, length - 4)}.com`;

describe("metadata", () => {
  it.each<[string, unknown]>([
    ["nothing", {}],
    ["all that Stripe's limits and our own keys leave at once", entries(45, 36)],
    ["a key of one character", { k: "v" }],
    ["an empty value", { k: "" }],
    ["a value over two lines", { k: "a\nb" }],
    ["letters beyond ASCII", { "schlüssel 🔑": "wert 💶" }],
    ["a key that is a name of JavaScript's", { constructor: "x", toString: "y" }],
  ])("takes %s", (_what, value) => expect(fits(metadata, value)).toBe(true));

  it.each<[string, unknown]>([
    ["one key more", entries(46, 36)],
    ["a key of 37 characters", entries(1, 37)],
    ["an empty key", { "": "v" }],
    ["a value of 501 characters", entries(1, 36, 501)],
    ["an opening bracket in a key", { "a[b": "v" }],
    ["a closing bracket in a key", { "a]b": "v" }],
    ["a line's end in a key", { "a\nb": "v" }],
    ["NUL in a key", { "a\0b": "v" }],
    ["a number", { k: 1 }],
    ["true", { k: true }],
    ["null", { k: null }],
    ["an object within", { k: {} }],
    ["a list within", { k: ["v"] }],
    ["a list", ["v"]],
    ["a text", "k=v"],
    ["null for it all", null],
  ])("refuses %s", (_what, value) => expect(fits(metadata, value)).toBe(false));
});

describe("a name", () => {
  it.each<[string, string]>([
    ["of one letter", "X"],
    ["of 200", "x".repeat(200)],
    ["with marks", "Anne-Marie O’Neill, Jr."],
    ["in another script", "山田 太郎"],
    ["with an emoji", "Jenny 🌸"],
    ["that looks like markup: to be escaped where it is shown", "<b>Jenny</b>"],
  ])("is taken %s", (_what, value) => expect(fits(personName, value)).toBe(true));

  it.each<[string, unknown]>([
    ["nothing", ""],
    ["white space", " \t\n"],
    ["201 letters", "x".repeat(201)],
    ["a line's end, which forges a log line", "Jenny\nlevel=info"],
    ["a mail header's end", "Jenny\r\nBcc: all@example.com"],
    ["NUL", "Jenny\0"],
    ["an escape", "Jenny\u001b[31m"],
    ["delete", "Jenny\u007f"],
    ["a control character of C1", "Jenny\u0085"],
    ["a number", 42],
    ["a list", ["Jenny"]],
  ])("is refused where it is %s", (_what, value) => expect(fits(personName, value)).toBe(false));

  it("loses the white space around it", () => {
    expect(personName.parse("  Jenny Rosen\n")).toBe("Jenny Rosen");
  });
});

describe("a merchant's own id", () => {
  it.each(["1", "user_42", "auth0|5f7c8ec7c33c6c004bbafe82", "x".repeat(255), "ü"])(
    "is what the merchant makes it: %.30s",
    (value) => expect(externalId.parse(value)).toBe(value),
  );

  it.each(["", " ", "x".repeat(256), "a\0b", "a\nb"])("is refused: %.30j", (value) => {
    expect(fits(externalId, value)).toBe(false);
  });
});

describe("an e-mail address", () => {
  const local = "l".repeat(64);

  it.each([
    "jenny@example.com",
    "jenny.rosen+test@mail.example.co.uk",
    " jenny@example.com ",
    "o'neill@example.com",
    // What a browser's own field accepts.
    "customer/department=shipping@example.com",
    "!def!xyz%abc@example.com",
    "jenny@example.xn--p1ai",
    "jenny@xn--bcher-kva.example",
    ".jenny@example.com",
    "jenny+shop@sub.example.co.uk",
  ])("is taken: %j", (value) => expect(email.parse(value)).toBe(value.trim()));

  it("has a domain without case, and a person's part as it was written", () => {
    expect(email.parse("Jenny.Rosen@EXAMPLE.Com")).toBe("Jenny.Rosen@example.com");
  });

  it.each([
    "",
    "jenny",
    "jenny@",
    "@example.com",
    "jenny@example",
    "jenny@@example.com",
    "jenny@exa mple.com",
    "jenny@example.com, other@example.com",
    "jenny@example.com\nBcc: other@example.com",
    "Jenny <jenny@example.com>",
    "jenny@example..com",
    "jenny@-example.com",
    "jen ny@example.com",
    "jenny@exa_mple.com",
    '"jenny"@example.com',
    "jen\0ny@example.com",
    "javascript:alert(1)@",
  ])("is refused: %j", (value) => expect(fits(email, value)).toBe(false));

  it("is at most as long as SMTP carries", () => {
    const longest = `${local}@${domain(254 - 65)}`;
    expect(longest).toHaveLength(254);
    expect(fits(email, longest)).toBe(true);
    expect(fits(email, `${local}@${domain(255 - 65)}`)).toBe(false);
  });
});
