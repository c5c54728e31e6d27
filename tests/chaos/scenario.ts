import * as fc from "fast-check";
import type { Action, Scenario, Timed } from "./actions.ts";
import { anyFault, outage, requestFault, staleRead } from "./faults.ts";

// Few customers and products, so that they meet.
const session = fc.nat({ max: 3 });
const product = fc.constantFrom(0, 0, 0, 1);
const customer = fc.constantFrom(0, 0, 0, 1, 1, 2);
const card = fc.oneof(
  { weight: 6, arbitrary: fc.constant("pm_card_visa") },
  { weight: 2, arbitrary: fc.constant("pm_card_mastercard") },
  { weight: 3, arbitrary: fc.constant("pm_card_threeDSecure2Required") },
  { weight: 2, arbitrary: fc.constant("pm_usBankAccount_success") },
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

const create = fc.record({
  do: fc.constant("create" as const),
  customer,
  product,
  key: fc.constantFrom(null, null, "a" as const, "b" as const),
  email: fc.boolean(),
  freshToken: fc.boolean(),
});
const onSession = <Name extends string>(...names: Name[]) =>
  fc.record({ do: fc.constantFrom(...names), session });

const action: fc.Arbitrary<Action> = fc.oneof(
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
      do: fc.constantFrom("authenticate" as const, "settle debit" as const),
      session,
      well: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: onSession("ask status", "ask own status") },
  { weight: 2, arbitrary: onSession("let an hour pass") },
  { weight: 2, arbitrary: onSession("cancel session") },
  { weight: 1, arbitrary: onSession("cancel subscription", "cancel intent") },
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

const after = fc.nat({ max: 40 });
const mixed = fc.array(fc.record({ after, action }), { minLength: 1, maxLength: 6, size: "max" });

/** Everybody pays at the same instant; where sessions are one customer's for one product, only one may have it. */
const rush = fc.record({
  broken: fc.option(requestFault, { freq: 2 }),
  pays: fc.tuple(...[0, 1, 2, 3].map((number) =>
    fc.record({
      after: fc.integer({ min: 10, max: 25 }),
      action: fc.record({
        do: fc.constantFrom("confirm" as const, "confirm in browser" as const),
        session: fc.constant(number),
        card: fc.constant("pm_card_visa"),
      }),
    })
  )),
}).map(({ broken, pays }): Timed[] => {
  const timed: Timed[] = broken === null
    ? []
    : [{ after: 0, action: { do: "break", fault: broken } }];
  return timed.concat(pays);
});

/** One card after the other on one session, while what is read of the first comes late. */
const secondThoughts = fc.record({
  session,
  late: staleRead,
  first: fc.constantFrom("pm_card_chargeDeclined", "pm_card_threeDSecure2Required"),
  second: card,
  after: fc.integer({ min: 10, max: 150 }),
}).map(({ session: one, late, first, second, after: then }): Timed[] => [
  { after: 0, action: { do: "break", fault: late } },
  { after: 5, action: { do: "confirm in browser", session: one, card: first } },
  { after: then, action: { do: "confirm", session: one, card: second } },
]);

/** Paid, and before anybody can act upon the news Stripe stops answering. */
const unheard = fc.record({
  session,
  after: fc.integer({ min: 1, max: 15 }),
  outage,
}).map(({ session: one, after: then, outage: fault }): Timed[] => [
  { after: 0, action: { do: "confirm in browser", session: one, card: "pm_card_visa" } },
  { after: then, action: { do: "break", fault } },
]);

const together = fc.oneof(
  { weight: 5, arbitrary: mixed },
  { weight: 1, arbitrary: unheard },
  { weight: 1, arbitrary: rush },
  { weight: 1, arbitrary: secondThoughts },
);

const anybody = fc.array(fc.record({ after, action: create }), {
  minLength: 2,
  maxLength: 4,
  size: "max",
});
/** One customer, one product, several sessions. */
const rivals = fc.array(
  fc.record({
    after,
    action: fc.record({
      do: fc.constant("create" as const),
      customer: fc.constant(0),
      product: fc.constant(0),
      key: fc.constant(null),
      email: fc.boolean(),
      freshToken: fc.constant(true),
    }),
  }),
  { minLength: 2, maxLength: 4, size: "max" },
);

/** A few sessions, then rounds of up to six actions at once. */
export const scenario: fc.Arbitrary<Scenario> = fc.record({
  faultSeed: fc.nat({ max: 1_000_000 }),
  // Without a session there is nothing to break.
  opening: fc.oneof(anybody, rivals),
  rounds: fc.array(
    fc.record({
      together,
      next: fc.oneof(
        { weight: 8, arbitrary: fc.constant("on" as const) },
        { weight: 1, arbitrary: fc.constant("rest" as const) },
        { weight: 1, arbitrary: fc.constant("a day passes" as const) },
      ),
    }),
    { minLength: 3, maxLength: 7, size: "max" },
  ),
});
