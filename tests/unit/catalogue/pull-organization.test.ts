import { expect, it } from "vitest";
import { readCatalogue } from "../../../catalogue/define.ts";
import { organizationSteps } from "../../../catalogue/plan/organization.ts";
import { organizationOf } from "../../../catalogue/pull/organization-of.ts";
import { database } from "./states.ts";

const row = database.organization;
if (row === null) throw new Error("there is no organization");

it.each([
  ["the defaults", {}],
  ["taxes", { taxEnabled: true }],
  ["days of grace", { pastDueGraceDays: 7 }],
  ["no day of grace", { pastDueGraceDays: 0 }],
  ["features that rest while a dispute is open", { disputePolicy: "suspend" }],
  ["the project's users as customers", { authUsers: "users" }],
  ["anonymous ones too", { authUsers: "users_and_anonymous" }],
  ["a connected account and a fee", { stripeAccount: "acct_2", applicationFeeBps: 250 }],
])(
  "a pushed file that was pulled changes no setting of the organization: %s",
  (_what, settings) => {
    const organization = { ...row, ...settings };
    const pulled = readCatalogue({ organization: organizationOf("acme", organization, undefined) });
    expect(organizationSteps(pulled, { ...database, organization }, { account: null })).toEqual([]);
  },
);

it("an organization that is not there yet is called by its key, on the account that is named", () => {
  expect(organizationOf("acme", null, undefined)).toEqual({ key: "acme", name: "acme" });
  expect(organizationOf("acme", null, "acct_2"))
    .toEqual({ key: "acme", name: "acme", stripeAccount: "acct_2" });
});
