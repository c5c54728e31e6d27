import { afterEach, describe, expect, it } from "vitest";
import { periodEnd } from "../support/calendar.ts";
import { openClockShop } from "../support/clock-shop.ts";
import type { Offer } from "../support/shop.ts";

const shop = await openClockShop();
const seconds = (text: string) => Date.parse(text) / 1000;
/** The dates of these tests are in years of this place in the cycle of leap years, of which year 4 is one. */
const yearIn = async (place: number): Promise<number> => {
  const next = new Date(await shop.now() * 1000).getUTCFullYear() + 1;
  return next + (place + 4 - next % 4) % 4;
};
const until = async (text: string) => shop.later(seconds(text) - await shop.now());

afterEach(() => shop.endAll());

let products = 0;
async function bought(offer: Offer) {
  const { priceId } = await shop.sell(`Every-${products++}`, { amount: 1000, ...offer });
  const session = await shop.create({ priceId });
  await shop.pay(session);
  await shop.idle();
  return session;
}
const ends = async (session: Awaited<ReturnType<typeof bought>>) =>
  (await shop.status(session)).subscription?.currentPeriodEnd ?? "";
const periodsOf = async (session: Awaited<ReturnType<typeof bought>>) => {
  const { subscription } = await shop.status(session);
  return [subscription?.currentPeriodStart, subscription?.currentPeriodEnd].map((at) =>
    seconds(at ?? "")
  );
};

describe("a price", () => {
  it.each<[number, "day" | "week" | "month" | "year"]>([
    [1, "day"],
    [10, "day"],
    [1, "week"],
    [2, "week"],
    [1, "month"],
    [3, "month"],
    [1, "year"],
    [2, "year"],
  ])(
    "of every %d %s is charged at the end of each period and not before",
    async (count, interval) => {
      const session = await bought({ interval, intervalCount: count });
      const recurrence = { interval, intervalCount: count };
      const [start = 0, end = 0] = await periodsOf(session);
      expect(end).toBe(periodEnd(start, recurrence));
      await shop.later(end - await shop.now() - 600);
      expect(await shop.charges(session)).toEqual([1000]);
      // An invoice is a draft for its first hour.
      await shop.later(600 + 4_000);
      expect(await shop.charges(session)).toEqual([1000, 1000]);
      expect(await periodsOf(session)).toEqual([end, periodEnd(end, recurrence)]);
      await shop.stripe.subscriptions.cancel((await shop.subscriptionOf(session)).id);
      await shop.idle();
    },
  );
});

/** The dates on which it was charged, with the day until which that pays. */
async function renewals(session: Awaited<ReturnType<typeof bought>>, moments: readonly string[]) {
  const days: string[] = [];
  for (const moment of moments) {
    await until(moment);
    days.push((await ends(session)).slice(0, 10));
  }
  return { days, charges: (await shop.charges(session)).length };
}

describe("a subscription bought on a day that not every month has", () => {
  it("on the 31st is billed on each month's last day and comes back to the 31st", async () => {
    const year = await yearIn(3);
    await until(`${year}-01-31T12:00:00Z`);
    const session = await bought({ interval: "month" });
    expect((await ends(session)).slice(0, 10)).toBe(`${year}-02-28`);
    expect(
      await renewals(session, [
        `${year}-02-28T14:00:00Z`,
        `${year}-03-31T14:00:00Z`,
        `${year}-04-30T14:00:00Z`,
      ]),
    ).toEqual({ days: [`${year}-03-31`, `${year}-04-30`, `${year}-05-31`], charges: 4 });
  });

  it("on the 30th before a leap February is billed on the 29th and comes back to the 30th", async () => {
    const year = await yearIn(4);
    await until(`${year}-01-30T12:00:00Z`);
    const session = await bought({ interval: "month" });
    expect((await ends(session)).slice(0, 10)).toBe(`${year}-02-29`);
    expect(await renewals(session, [`${year}-02-29T14:00:00Z`, `${year}-03-30T14:00:00Z`]))
      .toEqual({ days: [`${year}-03-30`, `${year}-04-30`], charges: 3 });
  });

  it("on a leap day by the year is billed on the 28th and comes back to the leap day", async () => {
    const year = await yearIn(4);
    await until(`${year}-02-29T15:00:00Z`);
    const session = await bought({ interval: "year" });
    expect((await ends(session)).slice(0, 10)).toBe(`${year + 1}-02-28`);
    expect(
      await renewals(session, [
        `${year + 1}-02-28T17:00:00Z`,
        `${year + 2}-02-28T17:00:00Z`,
        `${year + 3}-02-28T17:00:00Z`,
      ]),
    ).toEqual({
      days: [`${year + 2}-02-28`, `${year + 3}-02-28`, `${year + 4}-02-29`],
      charges: 4,
    });
  });

  it("for a trial that ends on the 31st is billed on the 31st where there is one", async () => {
    const year = await yearIn(1);
    await until(`${year}-01-17T12:00:00Z`);
    const session = await bought({ interval: "month", trialDays: 14 });
    expect((await ends(session)).slice(0, 10)).toBe(`${year}-01-31`);
    expect(await renewals(session, [`${year}-01-31T14:00:00Z`, `${year}-02-28T14:00:00Z`]))
      .toEqual({ days: [`${year}-02-28`, `${year}-03-31`], charges: 2 });
  });
});
