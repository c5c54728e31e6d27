import { describe, expect, it } from "vitest";
import { gather } from "../../../scripts/import/gather.ts";
import type { OldCustomer } from "../../../scripts/import/source.ts";
import { told } from "../../../scripts/import/told.ts";

// Who somebody is at Stripe whose old row does not say it: told by their subscriptions there, unless another answer is possible.

const nobody = (id: string, more: Partial<OldCustomer> = {}): OldCustomer => ({
  id,
  external_id: `user-${id}`,
  stripe_customer_id: null,
  email: null,
  name: null,
  deleted: false,
  ...more,
});

/** What is told where Stripe has the subscriptions of each under these customers; those who are not there have none. */
function toldOf(
  customers: readonly OldCustomer[],
  atStripe: Readonly<Record<string, readonly string[] | undefined>>,
) {
  const { people, named } = gather({
    customers,
    subscriptions: [],
    checkouts: [],
    open: { count: 0, until: null },
    webhookEvents: 0,
  });
  const billed = people.flatMap((person) => {
    const id = person.ids.find((one) => one in atStripe);
    if (id === undefined) return [];
    const theirs = atStripe[id];
    return [{ person, customers: theirs === undefined ? undefined : new Set(theirs) }];
  });
  expect(billed).toHaveLength(Object.keys(atStripe).length);
  return Object.fromEntries(told(billed, named));
}

const twice = { reason: "stripe_customer_twice" };

describe.each<[string, <One>(rows: readonly One[]) => readonly One[]]>([
  ["in one order", (rows) => rows],
  ["in the other", (rows) => rows.toReversed()],
])("of two people, %s,", (_order, ordered) => {
  it("each is the one whom Stripe has their subscriptions under", () => {
    expect(toldOf(ordered([nobody("a"), nobody("b")]), { a: ["cus_a"], b: ["cus_b"] })).toEqual({
      "user-a": { stripeCustomerId: "cus_a" },
      "user-b": { stripeCustomerId: "cus_b" },
    });
  });

  it.each<[string, Partial<OldCustomer>]>([
    ["lives", {}],
    ["was deleted", { deleted: true }],
    ["has no external id, and stays behind", { external_id: null }],
    ["has an external id that no token takes", { external_id: "x".repeat(256) }],
  ])("one is not the other, whom a row names and who %s", (_what, more) => {
    const rows = [nobody("a"), nobody("b", { stripe_customer_id: "cus_b", ...more })];
    expect(toldOf(ordered(rows), { a: ["cus_b"] })).toEqual({});
  });

  it("neither is the one whom Stripe has for both", () => {
    expect(toldOf(ordered([nobody("a"), nobody("b")]), { a: ["cus_x"], b: ["cus_x"] })).toEqual({
      "user-a": twice,
      "user-b": twice,
    });
  });

  it("one who is told of two is nobody yet, and the other not one of these", () => {
    const rows = ordered([nobody("a"), nobody("b")]);
    expect(toldOf(rows, { a: ["cus_x", "cus_y"], b: ["cus_x"] })).toEqual({ "user-b": twice });
  });

  it("none is told anything while the other's subscriptions cannot be read", () => {
    const rows = ordered([nobody("a"), nobody("b")]);
    expect(toldOf(rows, { a: undefined, b: ["cus_b"] })).toEqual({
      "user-a": { reason: "failed" },
      "user-b": { reason: "failed" },
    });
  });
});

describe("one person", () => {
  it("is told nothing by subscriptions that Stripe does not have", () => {
    expect(toldOf([nobody("a")], { a: [] })).toEqual({});
  });

  it("is whom a deleted row of their own names", () => {
    const rows = [
      nobody("a"),
      nobody("b", { external_id: "user-a", stripe_customer_id: "cus_a", deleted: true }),
    ];
    expect(toldOf(rows, { a: ["cus_a"] })).toEqual({ "user-a": { stripeCustomerId: "cus_a" } });
  });
});
