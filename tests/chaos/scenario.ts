import * as fc from "fast-check";
import type { Round, Scenario } from "./actions.ts";
import { action, create } from "./acts.ts";
import { forgotten, givenBack, hopeless, rush, secondThoughts, unheard } from "./plots.ts";
import { moving, returning } from "./stories.ts";

const after = fc.nat({ max: 40 });
const mixed = fc.array(fc.record({ after, action }), { minLength: 1, maxLength: 6, size: "max" });

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
      quantity: fc.constant(1),
      coupon: fc.constant(null),
    }),
  }),
  { minLength: 2, maxLength: 4, size: "max" },
);

const anyRound: fc.Arbitrary<Round> = fc.record({
  together,
  next: fc.oneof(
    { weight: 8, arbitrary: fc.constant("on" as const) },
    { weight: 1, arbitrary: fc.constant("rest" as const) },
    { weight: 1, arbitrary: fc.constant("a day passes" as const) },
  ),
});

const alone = (round: fc.Arbitrary<Round>) => round.map((one) => [one]);

/** A few sessions, then rounds of up to six actions at once, and stories of several rounds. */
export const scenario: fc.Arbitrary<Scenario> = fc.record({
  faultSeed: fc.nat({ max: 1_000_000 }),
  // Without a session there is nothing to break.
  opening: fc.oneof(anybody, rivals),
  rounds: fc.array(
    fc.oneof(
      { weight: 8, arbitrary: alone(anyRound) },
      { weight: 1, arbitrary: alone(forgotten) },
      { weight: 1, arbitrary: alone(givenBack) },
      { weight: 1, arbitrary: alone(hopeless) },
      { weight: 2, arbitrary: moving },
      { weight: 2, arbitrary: returning },
    ),
    { minLength: 3, maxLength: 7, size: "max" },
  ).map((parts) => parts.flat()),
});
