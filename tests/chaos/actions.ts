import fc from "fast-check";
import type { FaultSpec } from "../../stack/stripe/index.ts";

/** Sessions, events and the like are named by a number, taken modulo how many there are when it comes to it. */
export type Action =
  | {
    readonly do: "create";
    readonly customer: number;
    readonly product: number;
    readonly key: "a" | "b" | null;
    readonly email: boolean;
    readonly freshToken: boolean;
  }
  | { readonly do: "confirm" | "confirm in browser"; readonly session: number; readonly card: string }
  | { readonly do: "authenticate" | "settle debit"; readonly session: number; readonly well: boolean }
  | { readonly do: "ask status" | "ask own status"; readonly session: number }
  | { readonly do: "let an hour pass"; readonly session: number }
  | { readonly do: "cancel subscription" | "cancel intent"; readonly session: number }
  | { readonly do: "put on sale"; readonly product: number; readonly active: boolean }
  | { readonly do: "deliver again"; readonly event: number }
  | { readonly do: "let a minute pass" }
  | { readonly do: "reconcile"; readonly times: number }
  | { readonly do: "break"; readonly fault: FaultSpec }
  | { readonly do: "mend" };

/** An action and how many milliseconds after its round's beginning it starts. */
export interface Timed {
  readonly after: number;
  readonly action: Action;
}

/** What happens at once, then a rest: none, until all is done and the laws are checked, or a day. */
export interface Round {
  readonly together: readonly Timed[];
  readonly then: "on" | "rest" | "a day passes";
}

export interface Scenario {
  /** Of the faults that come by chance. */
  readonly faultSeed: number;
  readonly rounds: readonly Round[];
}

const small = fc.nat({ max: 5 });
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

const requestFault = fc.record({
  kind: fc.constantFrom(
    "rate_limit" as const,
    "error_before" as const,
    "error_after" as const,
    "cut_before" as const,
    "cut_after" as const,
    "latency" as const,
    "webhook_early" as const,
  ),
  path: fc.constantFrom(
    "/v1/payment_intents",
    "/v1/payment_intents/*",
    "/v1/payment_intents/*/confirm",
    "/v1/payment_intents/*/cancel",
    "/v1/customers",
    "/v1/payment_methods/*/attach",
    "/v1/subscriptions",
    "/v1/subscriptions/*",
    "/v1/refunds",
    "/v1/events",
  ),
  skip: fc.nat({ max: 2 }),
  count: fc.integer({ min: 1, max: 5 }),
  ms: fc.integer({ min: 20, max: 400 }),
  phase: fc.constantFrom("before" as const, "after" as const),
});
const chance = fc.record({
  kind: fc.constantFrom("error_before" as const, "error_after" as const, "cut_after" as const),
  method: fc.constantFrom("GET", "POST"),
  count: fc.constant(6),
  probability: fc.constantFrom(0.1, 0.3, 0.6),
});
const deliveryFault = fc.record({
  kind: fc.constantFrom(
    "webhook_duplicate" as const,
    "webhook_delay" as const,
    "webhook_drop" as const,
    "webhook_reorder" as const,
  ),
  type: fc.constantFrom("*", "payment_intent.*", "payment_intent.succeeded", "customer.*"),
  count: fc.constantFrom(1, 3, null),
  copies: fc.integer({ min: 1, max: 3 }),
  ms: fc.integer({ min: 10, max: 500 }),
});

const create = fc.record({
  do: fc.constant("create" as const),
  customer: fc.nat({ max: 2 }),
  product: fc.nat({ max: 1 }),
  key: fc.constantFrom(null, null, "a" as const, "b" as const),
  email: fc.boolean(),
  freshToken: fc.boolean(),
});
const onSession = <Name extends string>(...names: Name[]) =>
  fc.record({ do: fc.constantFrom(...names), session: small });

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: create },
  {
    weight: 7,
    arbitrary: fc.record({ do: fc.constant("confirm" as const), session: small, card }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("confirm in browser" as const), session: small, card }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("authenticate" as const, "settle debit" as const),
      session: small,
      well: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: onSession("ask status", "ask own status") },
  { weight: 2, arbitrary: onSession("let an hour pass") },
  { weight: 1, arbitrary: onSession("cancel subscription", "cancel intent") },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("put on sale" as const),
      product: fc.nat({ max: 1 }),
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
      fault: fc.oneof(
        { weight: 4, arbitrary: requestFault },
        { weight: 1, arbitrary: chance },
        { weight: 3, arbitrary: deliveryFault },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "mend" as const }) },
);

const together = fc.array(fc.record({ after: fc.nat({ max: 40 }), action }), {
  minLength: 1,
  maxLength: 6,
});

export const scenario: fc.Arbitrary<Scenario> = fc.record({
  faultSeed: fc.nat({ max: 1_000_000 }),
  rounds: fc.tuple(
    // Without a session there is nothing to break.
    fc.record({
      together: fc.array(fc.record({ after: fc.nat({ max: 40 }), action: create }), {
        minLength: 1,
        maxLength: 3,
      }),
      then: fc.constant("on" as const),
    }),
    fc.array(
      fc.record({
        together,
        then: fc.oneof(
          { weight: 8, arbitrary: fc.constant("on" as const) },
          { weight: 1, arbitrary: fc.constant("rest" as const) },
          { weight: 1, arbitrary: fc.constant("a day passes" as const) },
        ),
      }),
      { minLength: 2, maxLength: 8 },
    ),
  ).map(([first, others]): Round[] => [first, ...others]),
});
