import * as fc from "fast-check";
import type { Action } from "./actions.ts";
import { anyFault } from "./faults.ts";
import { COUPONS } from "./wares.ts";

// Few customers and products, so that they meet.
export const session = fc.nat({ max: 3 });
const product = fc.constantFrom(0, 0, 0, 1, 2, 2, 3, 4, 5);
const customer = fc.constantFrom(0, 0, 0, 1, 1, 2);
export const card = fc.oneof(
  { weight: 6, arbitrary: fc.constant("pm_card_visa") },
  { weight: 2, arbitrary: fc.constant("pm_card_mastercard") },
  { weight: 3, arbitrary: fc.constant("pm_card_threeDSecure2Required") },
  { weight: 2, arbitrary: fc.constant("pm_usBankAccount_success") },
  { weight: 2, arbitrary: fc.constant("pm_card_pendingRefund") },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "pm_card_chargeDeclined",
      "pm_card_chargeCustomerFail",
      "pm_card_threeDSecureRequiredChargeDeclined",
      "pm_usBankAccount_insufficientFunds",
      "pm_nowhere",
    ),
  },
);

export const create = fc.record({
  do: fc.constant("create" as const),
  customer,
  product,
  key: fc.constantFrom(null, null, "a" as const, "b" as const),
  email: fc.boolean(),
  freshToken: fc.boolean(),
  quantity: fc.constantFrom(1, 1, 1, 2, 5),
  coupon: fc.option(fc.constantFrom(...COUPONS), { freq: 2 }),
});
/** What is dearer or cheaper, for months or years. */
export const change = fc.record({
  do: fc.constant("change" as const),
  session,
  product: fc.constantFrom(0, 1, 4, 5, 5),
});
export const subscriptionEdit = fc.constantFrom(
  "cancel it" as const,
  "add an item" as const,
  "put another item first" as const,
  "change the quantity" as const,
  "remove the discount" as const,
  "delete the customer" as const,
  "credit the customer" as const,
  "debit the customer" as const,
  "bill something else" as const,
  "copy the label" as const,
);
export const catalogueEdit = fc.constantFrom(
  "archive the price" as const,
  "sell the price again" as const,
  "name another price" as const,
  "delete the coupons" as const,
);
const onSession = <Name extends string>(...names: Name[]) =>
  fc.record({ do: fc.constantFrom(...names), session });

/** Anything that anybody may do. */
export const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: create },
  {
    weight: 7,
    arbitrary: fc.record({ do: fc.constant("confirm" as const), session, card }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("confirm in browser" as const), session, card }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "authenticate" as const,
        "settle debit" as const,
        "answer refund" as const,
      ),
      session,
      well: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: onSession("ask status", "ask own status") },
  { weight: 2, arbitrary: onSession("let an hour pass") },
  { weight: 2, arbitrary: onSession("cancel session") },
  { weight: 1, arbitrary: onSession("cancel intent") },
  { weight: 4, arbitrary: change },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("edit subscription" as const),
      session,
      edit: subscriptionEdit,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("edit catalogue" as const),
      product,
      edit: catalogueEdit,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("refund by hand" as const),
      session,
      whole: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("dispute" as const), session, lost: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("put on sale" as const),
      product,
      active: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("deliver again" as const), event: fc.nat({ max: 20 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "let a minute pass" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("reconcile" as const),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("break" as const),
      fault: anyFault,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "mend" as const }) },
);
