import { expect, it } from "vitest";
import { finished } from "../../../../shared/checkout/answer.ts";
import type { Snapshot } from "../../../../shared/contract/snapshot.ts";
import { snapshot } from "../support/snapshots.ts";

const succeeded = (status: string): Snapshot => ({
  ...snapshot,
  status: "succeeded",
  subscription: {
    id: snapshot.id,
    customerId: snapshot.id,
    productId: snapshot.id,
    priceId: snapshot.id,
    status,
    quantity: 1,
    currentPeriodStart: snapshot.expiresAt,
    currentPeriodEnd: snapshot.expiresAt,
    cancelAtPeriodEnd: false,
    scheduled: false,
  },
});

// https://docs.stripe.com/api/subscriptions/object#subscription_object-status, and a word that Stripe may add.
it.each([
  "trialing",
  "past_due",
  "unpaid",
  "paused",
  "canceled",
  "incomplete",
  "incomplete_expired",
  "a_later_word",
])("a subscription that is %s is never called active", (status) => {
  const answer = finished(succeeded(status));
  expect(answer).toMatchObject({ success: true, status });
  expect(answer.message).not.toMatch(/\bactive\b/i);
});

it("one that is active is", () => {
  expect(finished(succeeded("active")).message).toBe("Your subscription is active.");
});
