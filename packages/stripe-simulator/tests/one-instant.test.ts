import { afterEach, expect, it, vi } from "vitest";
import { customerWith, idOf, priceOf, useBench } from "./simulator.ts";

const bench = useBench();
afterEach(() => {
  vi.restoreAllMocks();
});

it("all that one request makes is of one second, whenever the machine's clock passes to the next", async () => {
  const { customer, method } = await customerWith(bench.stripe);
  const { id: price } = await priceOf(bench.stripe);
  const { id: coupon } = await bench.stripe.coupons.create({
    percent_off: 50,
    duration: "repeating",
    duration_in_months: 2,
  });
  // Each look at the clock finds it a second later.
  let at = Date.now();
  vi.spyOn(Date, "now").mockImplementation(() => at += 1000);
  const subscription = await bench.stripe.subscriptions.create({
    customer,
    default_payment_method: method,
    items: [{ price }],
    discounts: [{ coupon }],
    expand: ["discounts", "latest_invoice"],
  });
  vi.restoreAllMocks();

  const { created, latest_invoice: invoice, discounts: [discount], items: { data: [item] } } =
    subscription;
  if (typeof discount !== "object" || typeof invoice !== "object" || invoice === null) {
    throw new Error("they came as ids");
  }
  expect([discount.start, item?.current_period_start, invoice.created, subscription.start_date])
    .toEqual([created, created, created, created]);
  const { data: charges } = await bench.stripe.charges.list({ customer: idOf(customer) });
  expect(charges.map((charge) => charge.created)).toEqual([created]);
});
