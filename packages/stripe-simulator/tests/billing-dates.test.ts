import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { addIntervals } from "../src/core/dates.ts";
import { customerWith, priceOf, useBench } from "./simulator.ts";

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
  recurring: Stripe.PriceCreateParams.Recurring = { interval: "month" },
): Promise<Stripe.Subscription> {
  const { customer, method } = await customerWith(bench.stripe);
  const price = await priceOf(bench.stripe, { recurring });
  return bench.stripe.subscriptions.create({
    customer,
    default_payment_method: method,
    items: [{ price: price.id }],
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

describe("a subscription billed on a day of the month", () => {
  it("bills on the last day of a month that lacks it, and comes back to the day", async () => {
    await moveTo(at("2027-01-31"));
    const plain = await subscribe();
    const seen: string[] = [await periodEnd(plain)];
    for (const day of ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]) {
      await moveTo(at(day, "20:00:00"));
      seen.push(await periodEnd(plain));
    }
    expect(seen).toEqual(["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30"]);
    const { data } = await bench.stripe.invoices.list({ subscription: plain.id });
    expect(data.map((one) => one.billing_reason)).toEqual([
      ...Array.from({ length: 4 }, () => "subscription_cycle"),
      "subscription_create",
    ]);
  });

  it("keeps the 29th of February from leap year to leap year", async () => {
    await moveTo(at("2028-02-29"));
    const yearly = await subscribe({ interval: "year" });
    const ends: string[] = [await periodEnd(yearly)];
    for (const year of [2029, 2030, 2031]) {
      await moveTo(at(`${year}-03-01`));
      ends.push(await periodEnd(yearly));
    }
    expect(ends).toEqual(["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]);
  });
});
