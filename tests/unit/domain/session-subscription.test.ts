import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ExpectedSubscription,
  isOfSession,
  type LabelledSubscription,
} from "../../../shared/domain/session-subscription.ts";

const PAID = 1_795_411_826;
const DECIDED = PAID + 60;

const expected: ExpectedSubscription = {
  stripeCustomerId: "cus_1",
  stripePriceId: "price_1",
  payableSince: PAID,
  decidedAt: DECIDED,
};
const labelled: LabelledSubscription = {
  stripeCustomerId: "cus_1",
  stripePriceIds: ["price_1"],
  created: PAID + 5,
};

describe("a subscription with a session's label", () => {
  it.each<[string, Partial<LabelledSubscription>, Partial<ExpectedSubscription>]>([
    ["made after the payment", {}, {}],
    ["made as the payment came", { created: PAID }, {}],
    ["made while Stripe's clock was ten minutes behind", { created: PAID - 600 }, {}],
    ["made by a request that was on its way when it was decided", { created: DECIDED + 3_600 }, {}],
    ["made long after the payment, nothing being decided", { created: PAID + 864_000 }, {
      decidedAt: null,
    }],
    ["with an add-on before its price", { stripePriceIds: ["price_add", "price_1"] }, {}],
  ])("is the session's own: %s", (_what, differs, knows) => {
    expect(isOfSession({ ...labelled, ...differs }, { ...expected, ...knows })).toBe(true);
  });

  it.each<[string, Partial<LabelledSubscription>, Partial<ExpectedSubscription>]>([
    ["of another customer", { stripeCustomerId: "cus_2" }, {}],
    ["of a customer, where the session has none", {}, { stripeCustomerId: null }],
    ["of another price", { stripePriceIds: ["price_2"] }, {}],
    ["of a price that only begins alike", { stripePriceIds: ["price_10"] }, {}],
    ["of no price", { stripePriceIds: [] }, {}],
    ["of a price, where the session has none", {}, { stripePriceId: null }],
    ["older than the payment", { created: PAID - 601 }, {}],
    ["years older", { created: 0 }, {}],
    ["younger than the decision", { created: DECIDED + 3_601 }, {}],
    ["though nothing was ever paid", {}, { payableSince: null }],
    ["though nothing was ever paid or decided", {}, { payableSince: null, decidedAt: null }],
  ])("is somebody else's: %s", (_what, differs, knows) => {
    expect(isOfSession({ ...labelled, ...differs }, { ...expected, ...knows })).toBe(false);
  });
});

const time = fc.integer({ min: PAID - 10_000, max: PAID + 10_000 });

it("the time in which a session's own is made is one span, from its payment to its decision", () => {
  fc.assert(
    fc.property(time, time, fc.integer({ min: 0, max: 5_000 }), (created, payableSince, after) => {
      const decidedAt = payableSince + after;
      expect(isOfSession({ ...labelled, created }, { ...expected, payableSince, decidedAt }))
        .toBe(created >= payableSince - 600 && created <= decidedAt + 3_600);
      expect(isOfSession({ ...labelled, created }, { ...expected, payableSince, decidedAt: null }))
        .toBe(created >= payableSince - 600);
    }),
  );
});

it("a decision only ever takes subscriptions away", () => {
  fc.assert(fc.property(time, time, time, (created, payableSince, decidedAt) => {
    const decided = isOfSession({ ...labelled, created }, { ...expected, payableSince, decidedAt });
    const open = isOfSession({ ...labelled, created }, {
      ...expected,
      payableSince,
      decidedAt: null,
    });
    expect(decided && !open).toBe(false);
  }));
});
