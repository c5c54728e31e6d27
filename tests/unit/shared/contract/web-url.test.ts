import { describe, expect, it } from "vitest";
import { webUrl } from "../../../../shared/contract/primitives.ts";

/** An address of so many letters. */
const long = (length: number) => "https://shop.example/".padEnd(length, "x");

describe("a web address", () => {
  it.each([
    "https://shop.example",
    "https://shop.example/done?session={CHECKOUT_SESSION_ID}#top",
    "https://shop.example:8443/",
    "HTTPS://SHOP.EXAMPLE/",
    "https://münchen.example/",
    "http://localhost:5173/done",
    "http://127.0.0.1/",
    "http://[::1]:3000/",
    long(2_048),
  ])("is taken: %.60s", (value) => expect(webUrl.parse(value)).toBe(value));

  it.each([
    "",
    "shop.example",
    "/done",
    "//shop.example",
    "http://shop.example",
    "http://localhost.attacker.example/",
    "http://127.0.0.1.attacker.example/",
    "http://localhost@attacker.example/",
    "http://192.168.0.1/",
    "http://0.0.0.0/",
    "ftp://shop.example/",
    "ws://localhost/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    "\u0001javascript:alert(1)",
    "javascript://https://shop.example/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "blob:https://shop.example/1",
    "vbscript:x",
    "myapp://done",
    "https://",
    "https:// shop.example",
    "https://shop.example:99999/",
    long(2_049),
  ])("is refused: %.60j", (value) => expect(webUrl.safeParse(value).success).toBe(false));
});
