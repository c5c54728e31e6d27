import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Interval, paidPeriod } from "../../../shared/domain/billing-period.ts";
import { type CalendarDay, EARLY, firstAnchor } from "../../../shared/domain/first-anchor.ts";
import { nextOccurrence } from "../../../stack/stripe/core/dates.ts";

const seconds = (text: string) => Date.parse(text) / 1000;
const text = (at: number) => new Date(at * 1000).toISOString().replace(".000Z", "Z");
const atStripe = ({ dayOfMonth, month, hour, minute, second }: CalendarDay) => ({
  day_of_month: dayOfMonth,
  month: month ?? null,
  hour,
  minute,
  second,
});

describe("the first anchor", () => {
  it.each<[string, string, Interval, number, string, number | undefined]>([
    ["a 31st before a month of 30", "2026-03-31T10:20:30Z", "month", 1, "2026-04-30T09:20:30Z", 31],
    ["a 31st before February", "2026-01-31T10:20:30Z", "month", 1, "2026-02-28T09:20:30Z", 31],
    ["a 30th before February", "2026-01-30T10:20:30Z", "month", 1, "2026-02-28T09:20:30Z", 30],
    ["a 29th before February", "2026-01-29T10:20:30Z", "month", 1, "2026-02-28T09:20:30Z", 29],
    [
      "a leap day before a common year",
      "2028-02-29T10:20:30Z",
      "year",
      1,
      "2029-02-28T09:20:30Z",
      29,
    ],
    [
      "a 29th before a leap February",
      "2028-01-29T10:20:30Z",
      "month",
      1,
      "2028-02-29T10:20:30Z",
      undefined,
    ],
    ["a 31st before a 31st", "2026-07-31T10:20:30Z", "month", 1, "2026-08-31T10:20:30Z", undefined],
    ["a 15th", "2026-05-15T10:20:30Z", "month", 1, "2026-06-15T10:20:30Z", undefined],
    [
      "a quarter's, which has no next occurrence",
      "2026-11-30T10:20:30Z",
      "month",
      3,
      "2027-02-28T10:20:30Z",
      undefined,
    ],
    ["four years'", "2028-02-29T10:20:30Z", "year", 3, "2031-02-28T10:20:30Z", undefined],
    ["an hour after midnight", "2026-01-31T01:00:00Z", "month", 1, "2026-02-28T00:00:00Z", 31],
    [
      "just after midnight, too early to be earlier",
      "2026-01-31T00:59:59Z",
      "month",
      1,
      "2026-02-28T00:59:59Z",
      undefined,
    ],
    ["a week's", "2026-01-31T10:20:30Z", "week", 1, "2026-02-07T10:20:30Z", undefined],
  ])("of %s, %s by the %s × %d, is %s", (_, paid, interval, intervalCount, anchor, day) => {
    const paidAt = seconds(paid);
    const found = firstAnchor(paidAt, { interval, intervalCount }, paidAt + 1);
    expect([text(found.at), found.day?.dayOfMonth]).toEqual([anchor, day]);
  });

  it("comes earlier where it is asked to, and not where there is no room", () => {
    const paidAt = seconds("2026-05-15T10:20:30Z");
    const monthly = { interval: "month", intervalCount: 1 } as const;
    const { end } = paidPeriod(paidAt, monthly, paidAt);
    expect(firstAnchor(paidAt, monthly, paidAt, { early: true })).toEqual({ at: end - EARLY });
    expect(firstAnchor(paidAt, monthly, end - EARLY, { early: true })).toEqual({ at: end });
  });

  it("as a calendar day is the instant that Stripe takes, whenever within minutes it is made", () => {
    const lastDays = fc.record({
      year: fc.integer({ min: 2024, max: 2104 }),
      month: fc.integer({ min: 1, max: 12 }),
      back: fc.integer({ min: 0, max: 4 * 86_400 }),
    }).map(({ year, month, back }) => Date.UTC(year, month, 1) / 1000 - 1 - back);
    let days = 0;
    fc.assert(
      fc.property(
        lastDays,
        fc.integer({ min: 0, max: 40 * 86_400 }),
        fc.integer({ min: -300, max: 300 }),
        fc.constantFrom<Interval>("month", "year"),
        (paidAt, late, skew, interval) => {
          const recurrence = { interval, intervalCount: 1 };
          const now = paidAt + late;
          const made = Math.max(paidAt, now + skew);
          const { end } = paidPeriod(paidAt, recurrence, now);
          const { at, day } = firstAnchor(paidAt, recurrence, now);
          expect(at).toBeLessThanOrEqual(end);
          expect(at).toBeGreaterThanOrEqual(end - EARLY);
          expect(at).toBeGreaterThan(made);
          if (day === undefined) return;
          days += 1;
          expect(nextOccurrence(made, atStripe(day))).toBe(at);
        },
      ),
      { numRuns: 3_000 },
    );
    expect(days).toBeGreaterThan(100);
  });
});
