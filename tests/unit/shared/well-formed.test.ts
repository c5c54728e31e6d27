import { describe, expect, it } from "vitest";
import { externalId, metadata, personName, webUrl } from "../../../shared/contract/primitives.ts";

// Postgres stores neither NUL nor half a surrogate pair, in text or jsonb: unrefused, each is a 500.
describe.each<[string, string]>([["NUL", "a\0b"], ["half a surrogate pair", "a\ud800b"]])(
  "%s",
  (_what, text) => {
    it("is refused in a metadata value", () =>
      expect(metadata.safeParse({ k: text }).success).toBe(false));
    it("is refused in a metadata key", () =>
      expect(metadata.safeParse({ [text]: "v" }).success).toBe(false));
    it("is refused in a name", () => expect(personName.safeParse(text).success).toBe(false));
    it("is refused in a merchant's id", () =>
      expect(externalId.safeParse(text).success).toBe(false));
    it("is refused in a web address", () =>
      expect(webUrl.safeParse(`https://shop.example/${text}`).success).toBe(false));
  },
);
it.each(["\nhttps://shop.example/", "https://shop.example/\r\nx", "ht\ttps://shop.example/"])(
  "an address with a line's end in it is refused: %j",
  (value) => expect(webUrl.safeParse(value).success).toBe(false),
);
