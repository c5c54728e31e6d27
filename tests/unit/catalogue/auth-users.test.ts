import { expect, it } from "vitest";
import { readCatalogue } from "../../../catalogue/define.ts";
import { planOf } from "../../../catalogue/plan/plan.ts";
import { database, empty, input, nothing, stripe } from "./states.ts";

const wanted = readCatalogue({
  ...input,
  organization: { ...input.organization, authUsers: "users" },
});
const elsewhere = (livemode: boolean) => ({ usersElsewhere: [{ name: "Other", livemode }] });

it("the project's users are customers of one organization in a mode", () => {
  const refused = [
    expect.stringMatching(/^organization\.authUsers: .*Other in test mode/) as unknown,
  ];
  expect(planOf(wanted, { ...database, ...elsewhere(false) }, stripe, false).problems)
    .toEqual(refused);
  expect(planOf(wanted, { ...nothing, ...elsewhere(false) }, empty, false).problems)
    .toEqual(refused);
});

it.each([
  ["another in the other mode", wanted, elsewhere(true)],
  ["another, where the file leaves them out", readCatalogue(input), elsewhere(false)],
  ["no other", wanted, {}],
])("%s is no reason against a push", (_what, catalogue, rows) => {
  expect(planOf(catalogue, { ...database, ...rows }, stripe, false).problems).toEqual([]);
});

it("a setting that changes is a step of the plan", () => {
  expect(planOf(wanted, database, stripe, false).steps).toMatchObject([
    { what: "organization", act: "update" },
  ]);
});
