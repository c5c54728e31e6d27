import { expect, it } from "vitest";
import { type CatalogueInput, readCatalogue } from "../../../catalogue/define.ts";
import { discountSteps } from "../../../catalogue/plan/discounts.ts";
import { render } from "../../../catalogue/plan/render.ts";
import type { DiscountRow } from "../../../catalogue/state.ts";
import { database, input } from "./states.ts";

const [welcome] = database.discounts;
if (welcome === undefined) throw new Error("there is no discount");
const terms = { percentOff: 25, duration: "repeating", months: 3 } as const;
const lines = (discounts: CatalogueInput["discounts"], rows: readonly DiscountRow[]) =>
  render(
    discountSteps(readCatalogue({ ...input, discounts }), [], { ...database, discounts: rows }),
  )
    .slice(0, -1);

it("a code that another key takes over ends with the one that had it, first", () => {
  expect(lines({ summer: { code: "welcome", ...terms } }, [welcome])).toEqual([
    "- database  discount welcome: archive",
    "+ database  discount summer: create",
  ]);
});

it("two keys change codes with each other", () => {
  const summer = { ...welcome, id: "row-summer", key: "summer", code: "SUMMER" };
  const swapped = {
    welcome: { code: "SUMMER", ...terms },
    summer: { code: "WELCOME", ...terms },
  };
  expect(lines(swapped, [welcome, summer])).toEqual([
    '~ database  discount welcome: code "WELCOME" -> "SUMMER"',
    '~ database  discount summer: code "SUMMER" -> "WELCOME"',
  ]);
});

it("of rows without a key the one that is on sale is taken over, not one that has ended", () => {
  const old = { ...welcome, id: "row-old", key: null, active: false };
  const sold = { ...welcome, id: "row-sold", key: null };
  expect(lines({ welcome: { code: "WELCOME", ...terms } }, [old, sold])).toEqual([
    '~ database  discount welcome: key null -> "welcome"',
  ]);
});
