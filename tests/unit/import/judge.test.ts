import type Stripe from "stripe";
import { describe, expect, it } from "vitest";
import { judge, type Seen } from "../../../scripts/import/judge.ts";
import type { BilledSubscription } from "../../../shared/stripe/subscriptions.ts";
import { readSubscription } from "../shared/stripe/answers.ts";

interface Shape {
  readonly id?: string;
  readonly customer?: string;
  readonly status?: Stripe.Subscription.Status;
  readonly prices?: readonly string[];
  readonly created?: number;
}

/** As Stripe's client reads it, as far as it is looked at. */
async function atStripe({
  id = "sub_1",
  customer = "cus_a",
  status = "active",
  prices = ["price_pro"],
  created = 1,
}: Shape): Promise<BilledSubscription> {
  const items = prices.map((price, index) => ({
    id: `si_${index}`,
    created: index,
    price: { id: price },
    quantity: 1,
    current_period_start: 1,
    current_period_end: 2,
  }));
  const read = await readSubscription({
    id,
    object: "subscription",
    customer,
    status,
    created,
    items: { data: items },
    cancel_at_period_end: false,
    schedule: null,
  });
  return { ...read, latest_invoice: null };
}

const seen = async (shape: Shape = {}, more: Partial<Seen> = {}): Promise<Seen> => ({
  id: `row of ${shape.id ?? "sub_1"}`,
  stripeId: shape.id ?? "sub_1",
  atStripe: await atStripe(shape),
  isOfCheckout: false,
  ...more,
});
const catalogue = new Set(["price_pro", "price_team"]);

describe("a subscription at Stripe", () => {
  it.each<[string, Promise<Seen>, string]>([
    ["is not there", seen({}, { atStripe: undefined }), "not_at_stripe"],
    ["is a checkout's here", seen({}, { isOfCheckout: true }), "of_a_checkout"],
    ["is another customer's", seen({ customer: "cus_b" }), "other_customer_at_stripe"],
    ["waits for its first payment", seen({ status: "incomplete" }), "incomplete"],
    ["is of a price that is not sold", seen({ prices: ["price_old"] }), "price_unknown"],
    ["is of two that are", seen({ prices: ["price_pro", "price_team"] }), "several_prices"],
    ["has no item", seen({ prices: [] }), "price_unknown"],
  ])("stays behind where it %s", async (_what, one, reason) => {
    expect(judge([await one], "cus_a", catalogue)).toMatchObject({ fits: [], unfit: [{ reason }] });
  });

  it("is known by the one item that is sold, wherever it stands among others", async () => {
    const { fits } = judge(
      [await seen({ prices: ["price_extra", "price_pro"] })],
      "cus_a",
      catalogue,
    );
    expect(fits).toMatchObject([{ facts: { stripeItemId: "si_1", stripePriceId: "price_pro" } }]);
  });

  it("is not taken in for a customer of whom nobody knows who they are there", async () => {
    expect(judge([await seen()], null, catalogue)).toMatchObject({
      fits: [],
      unfit: [{ reason: "other_customer_at_stripe" }],
    });
  });

  it.each<[string, Shape]>([
    ["has ended, of a price that is gone,", { status: "canceled", prices: ["price_old"] }],
    ["was never paid and given up", { status: "incomplete_expired" }],
  ])(
    "that %s is nobody's trouble, and no sign that somebody has had the product",
    async (_what, shape) => {
      expect(judge([await seen(shape)], "cus_a", catalogue)).toMatchObject({
        fits: [],
        unfit: [],
        ended: [{ stripeId: "sub_1" }],
      });
    },
  );

  it("is taken before one that ended, and one that is paid before one that is not, the oldest first", async () => {
    const { fits } = judge(
      await Promise.all([
        seen({ id: "sub_ended", status: "canceled", created: 1 }),
        seen({ id: "sub_unpaid", status: "past_due", created: 2 }),
        seen({ id: "sub_younger", created: 4 }),
        seen({ id: "sub_older", status: "trialing", created: 3 }),
      ]),
      "cus_a",
      catalogue,
    );
    expect(fits.map(({ stripeId }) => stripeId)).toEqual([
      "sub_older",
      "sub_younger",
      "sub_unpaid",
      "sub_ended",
    ]);
  });
});
