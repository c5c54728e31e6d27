import { expect, it } from "vitest";
import type { CatalogueInput } from "../../../catalogue/define.ts";
import { byText, keyOf, openCatalogues, wares } from "./shelf.ts";

const { rows, typed } = await openCatalogues();

const terms = { percentOff: 10, duration: "once" } as const;
const discountsOf = (input: CatalogueInput) =>
  rows(
    `select d.key, d.code, d.active from billing.discounts d join billing.organizations o on o.id = d.organization_id
     where o.key = $1 order by d.key`,
    [keyOf(input)],
  );

it.each<[string, Record<string, string>, Record<string, string>]>([
  ["a code that another key takes over", { hello: "A" }, { summer: "a" }],
  ["a code that an older key takes over", { hello: "A", summer: "B" }, { hello: "B" }],
  ["two codes that are swapped", { hello: "A", summer: "B" }, { hello: "B", summer: "A" }],
  ["three codes that go round", { a: "A", b: "B", c: "C" }, { a: "B", b: "C", c: "A" }],
  ["a code in other letters", { hello: "code" }, { hello: "CODE" }],
])("one push moves %s, and another moves it back", async (_what, before, after) => {
  const input = wares();
  const sold = (codes: Record<string, string>): CatalogueInput => ({
    ...input,
    discounts: Object.fromEntries(
      Object.entries(codes).map(([key, code]) => [key, { code, ...terms }]),
    ),
  });
  for (const codes of [before, after, before]) {
    await typed("push", sold(codes));
    const active = (await discountsOf(input)).filter((row) => row["active"] === true);
    expect(active.map(({ key, code }) => `${String(key)} ${String(code)}`)).toEqual(
      Object.entries(codes).map(([key, code]) => `${key} ${code}`).toSorted(byText),
    );
    await typed("check", sold(codes));
  }
});
