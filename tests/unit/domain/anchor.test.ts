import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { paidPeriod, periodEnd } from "../../../shared/domain/billing-period.ts";

const seconds = (text: string) => Date.parse(text) / 1000;
const DAY = 86_400;

const naturalEnd = (now: number, interval: "month" | "year", count: number) =>
  periodEnd(now, { interval, intervalCount: count });

/**
 * Stripe refuses an anchor later than the end of a period that starts at the call ("billing_cycle_anchor cannot be
 * later than next natural billing date"), so a refusal here would leave a paid session without its subscription.
 */
describe("the anchor that Stripe is given", () => {
  it.each<[string, string, "month" | "year"]>([
    ["2026-03-30T23:59:50Z", "2026-03-31T00:00:05Z", "month"],
    ["2026-01-30T10:00:00Z", "2026-01-31T09:00:00Z", "month"],
    ["2026-01-28T10:00:00Z", "2026-01-31T09:00:00Z", "month"],
    ["2028-02-28T23:59:50Z", "2028-02-29T00:00:05Z", "year"],
  ])(
    "is not past the natural billing date: paid %s, fulfilled %s, by the %s",
    (paid, at, interval) => {
      const now = seconds(at);
      const { end } = paidPeriod(seconds(paid), { interval, intervalCount: 1 }, now);
      expect(end).toBeLessThanOrEqual(naturalEnd(now, interval, 1));
    },
  );

  it("is not past the natural billing date, whenever the money came and whenever it is fulfilled", () => {
    const lastDays = fc.record({
      year: fc.integer({ min: 2024, max: 2104 }),
      month: fc.integer({ min: 1, max: 12 }),
      back: fc.integer({ min: 0, max: 4 * DAY }),
    }).map(({ year, month, back }) => Date.UTC(year, month, 1) / 1000 - 1 - back);
    fc.assert(
      fc.property(
        lastDays,
        fc.integer({ min: 0, max: 4 * DAY }),
        fc.constantFrom<"month" | "year">("month", "year"),
        fc.integer({ min: 1, max: 3 }),
        (paidAt, late, interval, intervalCount) => {
          const now = paidAt + late;
          const { end } = paidPeriod(paidAt, { interval, intervalCount }, now);
          expect(end).toBeLessThanOrEqual(naturalEnd(now, interval, intervalCount));
        },
      ),
      { numRuns: 3_000 },
    );
  });
});
