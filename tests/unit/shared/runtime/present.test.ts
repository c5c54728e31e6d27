import { expect, it } from "vitest";
import { present } from "../../../../shared/runtime/present.ts";

it("what is undefined or null is left out, and every other value stays, in its order", () => {
  const fields = { zero: 0, none: undefined, empty: "", nothing: null, no: false, list: [] };
  expect(Object.entries(present(fields)))
    .toEqual([["zero", 0], ["empty", ""], ["no", false], ["list", []]]);
});
