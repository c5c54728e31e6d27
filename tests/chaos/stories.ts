import * as fc from "fast-check";
import type { Action, Round, Timed } from "./actions.ts";
import { catalogueEdit, change, create, subscriptionEdit } from "./acts.ts";
import { requestFault } from "./faults.ts";

/** One after the other, so that each finds what the one before it has made. */
const inTurn = (...rounds: readonly (readonly Action[])[]): Round[] =>
  rounds.filter(({ length }) => length > 0).map((actions) => ({
    together: actions.map((action): Timed => ({ after: 0, action })),
    next: "on",
  }));

const pays = fc.constantFrom("confirm" as const, "confirm in browser" as const)
  .map((how): Action => ({ do: how, session: "newest", card: "pm_card_visa" }));
const edit: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("edit subscription" as const),
      session: fc.constant("newest" as const),
      edit: subscriptionEdit,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("edit catalogue" as const),
      product: fc.constantFrom(0, 1, 4, 5),
      edit: catalogueEdit,
    }),
  },
);
const edits = fc.array(edit, { maxLength: 2 });
const fault = fc.option(requestFault, { freq: 2 }).map((one): Action[] =>
  one === null ? [] : [{ do: "break", fault: one }]
);

/** Somebody has a subscription, wants another price, and pays for it; something may have changed at Stripe since. */
export const moving = fc.record({
  first: create,
  before: edits,
  target: change.map(({ product }): Action => ({ do: "change", session: "newest", product })),
  meanwhile: edits,
  fault,
  pays,
}).map(({ first, before, target, meanwhile, fault: faults, pays: pay }) =>
  inTurn(
    [{ ...first, key: null }],
    [{ do: "confirm", session: "newest", card: "pm_card_visa" }],
    before,
    [target],
    meanwhile,
    [...faults, pay],
  )
);

/** Somebody comes back for another product. */
export const returning = fc.record({
  first: create,
  second: create,
  before: edits,
  meanwhile: edits,
  fault,
  pays,
}).map(({ first, second, before, meanwhile, fault: faults, pays: pay }) =>
  inTurn(
    [{ ...first, key: null }],
    [{ do: "confirm", session: "newest", card: "pm_card_visa" }],
    before,
    [{ ...second, key: null, customer: first.customer, product: first.product + 1 }],
    meanwhile,
    [...faults, pay],
  )
);
