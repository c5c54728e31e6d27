import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { addIntervals, nextOccurrence } from "../../../stack/stripe/core/dates.ts";
import { customerWith, DAY, priceOf, refusalOf, useBench } from "./simulator.ts";

const bench = useBench();

function at(day: string, time = "10:00:00"): number {
  return Date.parse(`${day}T${time}Z`) / 1000;
}

const shown = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 19);

/** Moves the clock to an instant. Tests of this file run in order, so that it only goes forwards. */
async function moveTo(instant: number): Promise<void> {
  await bench.advance(instant - (await bench.now()));
}

async function subscribe(
  more: Partial<Stripe.SubscriptionCreateParams>,
  recurring: Stripe.PriceCreateParams.Recurring = { interval: "month" },
): Promise<Stripe.Subscription> {
  const { customer, method } = await customerWith(bench.stripe);
  const price = await priceOf(bench.stripe, { recurring });
  return bench.stripe.subscriptions.create({
    customer,
    default_payment_method: method,
    items: [{ price: price.id }],
    ...more,
  });
}

async function periodEnd({ id }: Stripe.Subscription): Promise<string> {
  const { items } = await bench.stripe.subscriptions.retrieve(id);
  return shown(items.data[0]?.current_period_end ?? 0).slice(0, 10);
}

describe("a period", () => {
  it.each<[string, "month" | "year", number, number, string]>([
    ["2027-01-31", "month", 1, 31, "2027-02-28"],
    ["2027-02-28", "month", 1, 31, "2027-03-31"],
    ["2027-03-31", "month", 1, 31, "2027-04-30"],
    ["2027-01-30", "month", 1, 30, "2027-02-28"],
    ["2027-02-28", "month", 1, 30, "2027-03-30"],
    ["2028-01-31", "month", 1, 31, "2028-02-29"],
    ["2027-11-30", "month", 3, 30, "2028-02-29"],
    ["2027-12-31", "month", 2, 31, "2028-02-29"],
    ["2028-02-29", "year", 1, 29, "2029-02-28"],
    ["2031-02-28", "year", 1, 29, "2032-02-29"],
    ["2027-02-28", "month", -1, 31, "2027-01-31"],
  ])("from %s by %s of %i, billed on day %s, ends on %s", (from, interval, count, day, end) => {
    expect(shown(addIntervals(at(from), interval, count, day))).toBe(`${end}T10:00:00`);
  });
});

describe("the next occurrence of a day", () => {
  const none = { month: null, hour: null, minute: null, second: null };
  it.each([
    ["later this month", { ...none, day_of_month: 20 }, "2027-02-20T10:00:00"],
    ["a day that has passed", { ...none, day_of_month: 5 }, "2027-03-05T10:00:00"],
    ["today, later", { ...none, day_of_month: 10, hour: 11 }, "2027-02-10T11:00:00"],
    ["today at this very second", { ...none, day_of_month: 10 }, "2027-03-10T10:00:00"],
    ["a day that this month lacks", { ...none, day_of_month: 31 }, "2027-02-28T10:00:00"],
    [
      "a day of a month, at a time",
      { day_of_month: 30, month: 1, hour: 0, minute: 5, second: 9 },
      "2028-01-30T00:05:09",
    ],
  ])("%s", (_name, config, expected) => {
    expect(shown(nextOccurrence(at("2027-02-10"), config))).toBe(expected);
  });
});

describe("a subscription billed on a day of the month", () => {
  it("bills on the last day of a month that lacks it, and comes back to the day", async () => {
    await moveTo(at("2027-01-31"));
    const anchored = await subscribe({
      billing_cycle_anchor_config: { day_of_month: 31, hour: 9, minute: 0, second: 0 },
      proration_behavior: "none",
    });
    expect(anchored).toMatchObject({
      status: "active",
      latest_invoice: null,
      billing_cycle_anchor: at("2027-02-28", "09:00:00"),
      billing_cycle_anchor_config: { day_of_month: 31, hour: 9, month: null },
    });
    const plain = await subscribe({});
    const fixed = await subscribe({
      billing_cycle_anchor: at("2027-02-28"),
      proration_behavior: "none",
    });
    const seen: string[][] = [];
    for (const day of ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]) {
      await moveTo(at(day, "20:00:00"));
      seen.push(await Promise.all([anchored, plain, fixed].map(periodEnd)));
    }
    expect(seen).toEqual([
      ["2027-03-31", "2027-03-31", "2027-03-28"],
      ["2027-04-30", "2027-04-30", "2027-04-28"],
      ["2027-05-31", "2027-05-31", "2027-05-28"],
      ["2027-06-30", "2027-06-30", "2027-06-28"],
    ]);
    const { data } = await bench.stripe.invoices.list({ subscription: anchored.id });
    expect(data.map((one) => one.billing_reason)).toEqual(
      Array.from({ length: 4 }, () => "subscription_cycle"),
    );
  });

  it("keeps the 29th of February from leap year to leap year", async () => {
    await moveTo(at("2028-02-29"));
    const yearly = await subscribe({}, { interval: "year" });
    const ends: string[] = [await periodEnd(yearly)];
    for (const year of [2029, 2030, 2031]) {
      await moveTo(at(`${year}-03-01`));
      ends.push(await periodEnd(yearly));
    }
    expect(ends).toEqual(["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]);
  });

  it.each<[string, Partial<Stripe.SubscriptionCreateParams>, "day" | "week" | "month"]>([
    ["an anchor besides", { billing_cycle_anchor: 2_000_000_000 }, "month"],
    ["a weekly price", {}, "week"],
    ["a daily price", {}, "day"],
    ["no such day", { billing_cycle_anchor_config: { day_of_month: 32 } }, "month"],
    ["no such hour", { billing_cycle_anchor_config: { day_of_month: 1, hour: 24 } }, "month"],
  ])("is refused with %s", async (_name, more, interval) => {
    const create = subscribe({ billing_cycle_anchor_config: { day_of_month: 15 }, ...more }, {
      interval,
    });
    expect((await refusalOf(create)).statusCode).toBe(400);
  });

  it("is refused when the month given is after the first natural period", async () => {
    const month = new Date((await bench.now()) * 1000 + 90 * DAY * 1000).getUTCMonth() + 1;
    const create = subscribe({ billing_cycle_anchor_config: { day_of_month: 15, month } });
    expect((await refusalOf(create)).message).toContain("next natural billing date");
  });
});
