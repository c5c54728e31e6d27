import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { afterPeriods } from "../../../shared/domain/billing-period.ts";
import { EARLY, firstAnchor } from "../../../shared/domain/first-anchor.ts";
import { laterDiscount } from "../../../shared/domain/later-discount.ts";
import { addIntervals, dayOfMonth } from "../../../stack/stripe/core/dates.ts";

const DAY = 86_400;
const anyTime = fc.integer({ min: Date.UTC(2024, 0, 1) / 1000, max: Date.UTC(2104, 0, 1) / 1000 });
const anyRecurrence = fc.oneof(
  fc.record({
    interval: fc.constant("month" as const),
    intervalCount: fc.integer({ min: 1, max: 36 }),
  }),
  fc.record({
    interval: fc.constant("year" as const),
    intervalCount: fc.integer({ min: 1, max: 3 }),
  }),
);
const monthsOf = ({ interval, intervalCount }: { interval: string; intervalCount: number }) =>
  intervalCount * (interval === "year" ? 12 : 1);

/** How many of a subscription's charges Stripe would make less the discount: its end is no part of its time. */
function covered(made: number, months: number, charges: readonly number[]): number {
  if (months === 0) return 0;
  const end = addIntervals(made, "month", months, dayOfMonth(made));
  return charges.filter((at) => at < end).length;
}

describe("what is left of a discount", () => {
  it.each(
    [
      ["once", true, null],
      ["once", false, { duration: "once" }],
      ["forever", true, { duration: "forever" }],
      ["forever", false, { duration: "forever" }],
    ] as const,
  )("of %s, the first period being paid: %s, is %j", (duration, isPaid, left) => {
    const recurrence = { interval: "month", intervalCount: 1 } as const;
    expect(laterDiscount({ duration }, { recurrence, now: 0, isPaid, chargeAt: () => DAY }))
      .toEqual(left);
  });

  it("of N months covers N months in all, the paid period included, whenever it is made", () => {
    fc.assert(
      fc.property(
        anyTime,
        fc.constantFrom(0, 0, 1, 5, 300, EARLY, DAY),
        fc.integer({ min: 1, max: 40 }),
        anyRecurrence,
        (paidAt, late, months, recurrence) => {
          const made = paidAt + late;
          const anchor = firstAnchor(paidAt, recurrence, made, { early: true });
          const day = anchor.day?.dayOfMonth ?? dayOfMonth(anchor.at);
          const chargeAt = (index: number) =>
            anchor.day === undefined
              ? afterPeriods(anchor.at, recurrence, index)
              : afterPeriods(paidAt, recurrence, index + 1) - EARLY;
          const left = laterDiscount({ duration: "repeating", months }, {
            recurrence,
            now: made,
            isPaid: true,
            chargeAt,
          });
          const inAll = Math.ceil(months / monthsOf(recurrence));
          const later = left?.duration === "repeating" ? left.months : 0;
          // As Stripe counts, from one charge to the next.
          const charges = [anchor.at];
          for (let index = 1; index < 42; index += 1) {
            charges.push(
              addIntervals(charges.at(-1) ?? 0, "month", monthsOf(recurrence), day),
            );
          }
          expect(1 + covered(made, later, charges)).toBe(inAll);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("of N months covers N months from the end of a trial", () => {
    fc.assert(
      fc.property(
        anyTime,
        fc.integer({ min: 1, max: 730 }),
        fc.integer({ min: 1, max: 40 }),
        anyRecurrence,
        (made, trialDays, months, recurrence) => {
          const end = made + trialDays * DAY;
          const chargeAt = (index: number) => afterPeriods(end, recurrence, index);
          const left = laterDiscount({ duration: "repeating", months }, {
            recurrence,
            now: made,
            isPaid: false,
            chargeAt,
          });
          if (left?.duration !== "repeating") throw new Error("a repeating discount repeats");
          const charges = Array.from({ length: 42 }, (_, index) => chargeAt(index));
          expect(covered(made, left.months, charges)).toBe(
            Math.ceil(months / monthsOf(recurrence)),
          );
        },
      ),
      { numRuns: 3_000 },
    );
  });
});
