import { expect, it } from "vitest";
import { uploadedFrom } from "../../scripts/deploy/uploaded.ts";

const at = (slug: string, version: number) => ({ slug, version, updatedAt: version * 1_000 });

it.each([
  ["first", [], [at("products", 1)], ["products"]],
  ["next", [at("products", 4)], [at("products", 5)], ["products"]],
  [
    "one of two at the same time, whichever was last,",
    [at("products", 4)],
    [at("products", 6)],
    [],
  ],
  ["one that the platform does not show yet", [at("products", 4)], [at("products", 4)], []],
  ["an app's own", [], [at("hello", 1)], []],
])(
  "the %s upload is written down where it is the present one",
  (_which, before, after, expected) => {
    const slugs = ["products", "sdk"];
    expect(uploadedFrom(slugs, before, after).map(({ slug }) => slug)).toEqual(expected);
  },
);
