import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type Interval, paidPeriod, periodEnd } from "../../../shared/domain/billing-period.ts";

const seconds = (text: string) => Date.parse(text) / 1000;
const text = (at: number) => new Date(at * 1000).toISOString().replace(".000Z", "Z");

const months = (at: Date) => at.getUTCFullYear() * 12 + at.getUTCMonth();

const monthly = { interval: "month", intervalCount: 1 } as const;
const yearly = { interval: "year", intervalCount: 1 } as const;

/** Times from 2020 until past the next turn of a century that is no leap year's. */
const anyTime = fc.integer({ min: seconds("2020-01-01T00:00:00Z"), max: 4_200_000_000 });
/** Stripe lets a price run for at most three years (https://docs.stripe.com/api/prices/create). */
const anyRecurrence = fc.oneof(
  fc.record({
    interval: fc.constant("day" as const),
    intervalCount: fc.integer({ min: 1, max: 1095 }),
  }),
  fc.record({
    interval: fc.constant("week" as const),
    intervalCount: fc.integer({ min: 1, max: 156 }),
  }),
  fc.record({
    interval: fc.constant("month" as const),
    intervalCount: fc.integer({ min: 1, max: 36 }),
  }),
  fc.record({
    interval: fc.constant("year" as const),
    intervalCount: fc.integer({ min: 1, max: 3 }),
  }),
);

describe("the end of a period", () => {
  it.each<[law: string, start: string, interval: Interval, count: number, end: string]>([
    ["a day is 24 hours", "2026-03-28T23:59:59Z", "day", 1, "2026-03-29T23:59:59Z"],
    ["days cross a year's end", "2026-12-31T12:00:00Z", "day", 30, "2027-01-30T12:00:00Z"],
    ["a week is seven days", "2026-02-26T08:00:00Z", "week", 1, "2026-03-05T08:00:00Z"],
    ["two weeks are fourteen days", "2024-02-20T08:00:00Z", "week", 2, "2024-03-05T08:00:00Z"],
    ["a month keeps its day and time", "2026-05-15T10:20:30Z", "month", 1, "2026-06-15T10:20:30Z"],
    ["a 31st ends on a 30th", "2026-03-31T10:00:00Z", "month", 1, "2026-04-30T10:00:00Z"],
    ["a 31st ends on February's last", "2026-01-31T10:00:00Z", "month", 1, "2026-02-28T10:00:00Z"],
    ["a 30th ends on February's last", "2026-01-30T10:00:00Z", "month", 1, "2026-02-28T10:00:00Z"],
    ["in a leap year that is the 29th", "2028-01-31T10:00:00Z", "month", 1, "2028-02-29T10:00:00Z"],
    ["a century is no leap year", "2100-01-31T10:00:00Z", "month", 1, "2100-02-28T10:00:00Z"],
    ["every fourth century is", "2000-01-31T10:00:00Z", "month", 1, "2000-02-29T10:00:00Z"],
    ["a short month's last stays", "2026-02-28T10:00:00Z", "month", 1, "2026-03-28T10:00:00Z"],
    ["two 31sts meet", "2026-07-31T10:00:00Z", "month", 1, "2026-08-31T10:00:00Z"],
    ["December goes to January", "2026-12-31T23:59:59Z", "month", 1, "2027-01-31T23:59:59Z"],
    ["a quarter is three months", "2026-11-30T10:00:00Z", "month", 3, "2027-02-28T10:00:00Z"],
    ["a quarter skips the short one", "2027-01-31T10:00:00Z", "month", 2, "2027-03-31T10:00:00Z"],
    ["36 months are three years", "2024-02-29T10:00:00Z", "month", 36, "2027-02-28T10:00:00Z"],
    ["a year keeps its day", "2026-07-04T00:00:00Z", "year", 1, "2027-07-04T00:00:00Z"],
    ["a leap day ends on the 28th", "2024-02-29T10:00:00Z", "year", 1, "2025-02-28T10:00:00Z"],
    ["a leap day meets the next one", "2024-02-29T10:00:00Z", "year", 4, "2028-02-29T10:00:00Z"],
  ])("%s: %s + %s × %i = %s", (_law, start, interval, intervalCount, end) => {
    expect(text(periodEnd(seconds(start), { interval, intervalCount }))).toBe(end);
  });

  it("lies after its start, to the second", () => {
    fc.assert(fc.property(anyTime, anyRecurrence, (start, recurrence) => {
      const end = periodEnd(start, recurrence);
      expect(end).toBeGreaterThan(start);
      expect(Number.isInteger(end)).toBe(true);
    }));
  });

  it("has the start's time of day", () => {
    fc.assert(fc.property(anyTime, anyRecurrence, (start, recurrence) => {
      expect(periodEnd(start, recurrence) % 86_400).toBe(start % 86_400);
    }));
  });

  it("has the start's day of the month, or is the month's last day before it", () => {
    fc.assert(fc.property(anyTime, fc.integer({ min: 1, max: 36 }), (start, intervalCount) => {
      const end = periodEnd(start, { interval: "month", intervalCount });
      const [from, to] = [new Date(start * 1000), new Date(end * 1000)];
      expect(months(to) - months(from)).toBe(intervalCount);
      const nextDay = new Date((end + 86_400) * 1000);
      const kept = to.getUTCDate() === from.getUTCDate();
      const clipped = to.getUTCDate() < from.getUTCDate() && nextDay.getUTCDate() === 1;
      expect(kept || clipped).toBe(true);
    }));
  });

  it("is the same for a year and for twelve months", () => {
    fc.assert(fc.property(anyTime, fc.integer({ min: 1, max: 3 }), (start, years) => {
      expect(periodEnd(start, { interval: "year", intervalCount: years }))
        .toBe(periodEnd(start, { interval: "month", intervalCount: years * 12 }));
    }));
  });
});

describe("the host's time zone", () => {
  const zone = process.env["TZ"];
  afterEach(() => {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  });

  it.each([
    ["Europe/Berlin", "2026-03-28T01:30:00Z"],
    ["America/New_York", "2026-02-08T07:30:00Z"],
    ["America/New_York", "2026-10-01T03:30:00Z"],
    ["Pacific/Kiritimati", "2026-01-31T11:00:00Z"],
    ["Pacific/Pago_Pago", "2026-03-31T05:00:00Z"],
    ["Australia/Lord_Howe", "2026-03-04T15:15:00Z"],
  ])("moves nothing, summer time or not: %s at %s", (place, start) => {
    const ends = () =>
      (["day", "week", "month", "year"] as const)
        .map((interval) => periodEnd(seconds(start), { interval, intervalCount: 1 }));
    process.env["TZ"] = "UTC";
    const inUtc = ends();
    process.env["TZ"] = place;
    expect(new Date(seconds(start) * 1000).getTimezoneOffset()).not.toBe(0);
    expect(ends()).toEqual(inUtc);
  });
});

describe("the period that a payment bought", () => {
  const paidAt = seconds("2026-03-10T12:00:00Z");
  const end = seconds("2026-04-10T12:00:00Z");

  it.each([
    ["at once", paidAt],
    ["a minute later", paidAt + 60],
    ["three days later, after an outage", paidAt + 3 * 86_400],
    ["when our clock is behind Stripe's", paidAt - 30],
    ["with just more than the clocks' margin left", end - 301],
  ])("starts when the money came: fulfilled %s", (_when, now) => {
    expect(paidPeriod(paidAt, monthly, now)).toEqual({ start: paidAt, end });
  });

  it.each([
    ["its last minutes, which Stripe might refuse as past", end - 300],
    ["its very end", end],
    ["a year after it", end + 365 * 86_400],
  ])("starts now where it would be over: fulfilled at %s", (_when, now) => {
    const period = paidPeriod(paidAt, monthly, now);
    expect(period.start).toBe(now);
    expect(period.end).toBeGreaterThan(now + 300);
  });

  it("of a leap day ends on the 28th", () => {
    const leap = seconds("2028-02-29T09:00:00Z");
    expect(text(paidPeriod(leap, yearly, leap).end)).toBe("2029-02-28T09:00:00Z");
  });

  it("never starts before the money came and is never over yet", () => {
    const wait = fc.integer({ min: 0, max: 4 * 365 * 86_400 });
    fc.assert(fc.property(anyTime, anyRecurrence, wait, (paid, recurrence, late) => {
      const period = paidPeriod(paid, recurrence, paid + late);
      expect(period.start).toBeGreaterThanOrEqual(paid);
      expect(period.end).toBeGreaterThan(paid + late + 300);
    }));
  });
});
