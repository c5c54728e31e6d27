import { describe, expect, it } from "vitest";
import { prorationOf } from "../../../shared/domain/proration.ts";

const figures = {
  stripeSubscriptionId: "sub_1",
  trialing: false,
  restarts: false,
  credited: 0,
  charged: 0,
  trialDays: 0,
};

describe("what a change comes to", () => {
  it.each([
    ["a dearer price", { credited: 1_000, charged: 4_000 }, 3_000, /difference is due now/],
    ["a new rhythm", { credited: 1_000, charged: 40_000, restarts: true }, 39_000, /begins now/],
    ["a cheaper price", { credited: 4_000, charged: 1_000 }, -3_000, /next invoices/],
    ["the same price", { credited: 2_000, charged: 2_000 }, 0, /cost the same/],
    ["a trial", { trialing: true }, 0, /trial goes on/],
    ["a free plan paid for", { stripeSubscriptionId: null, charged: 900 }, 900, /first period/],
    [
      "a trial of what costs, in the place of a free plan",
      { stripeSubscriptionId: null, trialDays: 14 },
      0,
      /begins with a trial/,
    ],
    ["a free plan", { stripeSubscriptionId: null }, 0, /Both plans are free/],
  ])("%s", (_what, changes, total, explanation) => {
    const proration = prorationOf({ ...figures, ...changes });
    const { stripeSubscriptionId } = { ...figures, ...changes };
    expect(proration).toMatchObject({ total, fromFree: stripeSubscriptionId === null });
    expect(proration.charged - proration.credited).toBe(total);
    expect(proration.explanation).toMatch(explanation);
  });
});
