import type { CreateResponse } from "@billingos/checkout";
import { type Answer, json } from "./local-server.ts";

const uuid = (digit: number) => `5f1e8f9e-0000-4000-8000-00000000000${digit}`;
export const id = uuid(0);

/** As create answers it, of a price of 20 dollars. */
export const created: CreateResponse = {
  id,
  clientSecret: "pi_1_secret_1",
  paymentIntentId: "pi_1",
  priceId: uuid(5),
  quantity: 1,
  amount: 2_000,
  currency: "usd",
  discountAmount: 0,
  taxAmount: 0,
  adjustmentAmount: 0,
  totalAmount: 2_000,
  product: { name: "Pro", interval: "month", intervalCount: 1, features: [] },
  customer: {},
  stripePublishableKey: "pk_test_1",
  trialDays: 0,
  checkoutMode: "standard",
  status: "pending",
  expiresAt: "2026-12-01T00:00:00Z",
  realtime: { topic: `checkout:${id}`, event: "checkout.updated" },
};

const product = (digit: number, name: string, trialDays = 0) => ({
  id: uuid(digit),
  name,
  description: "",
  isCurrentPlan: digit === 1,
  trialDays,
  features: [],
  prices: [{
    id: uuid(digit + 4),
    amount: digit * 1_000,
    currency: "usd",
    interval: "month",
    intervalCount: 1,
  }],
});

/** What is on sale to a customer who has the first of the two, or nothing. */
export const sold = (hasStarter: boolean) => ({
  products: [
    { ...product(1, "Starter"), isCurrentPlan: hasStarter },
    product(2, "Pro", 14),
  ],
  currentSubscription: hasStarter
    ? {
      id: uuid(9),
      productId: uuid(1),
      priceId: uuid(5),
      status: "active",
      currentPeriodEnd: "2026-12-01T00:00:00Z",
      cancelAtPeriodEnd: false,
    }
    : null,
});

/** A service that answers each path so, and to every other that there is a session that waits. */
export const service = (paths: Readonly<Record<string, Answer>>): Answer => (response, request) => {
  const [path = ""] = request.url.split("?");
  const answer = paths[path];
  if (answer !== undefined) answer(response, request);
  else if (path === "/checkout-create") json(response, 200, created);
  else if (path === "/products") json(response, 200, sold(false));
  else if (path === "/entitlements") json(response, 200, { entitlements: [] });
  else json(response, 200, { id, version: 1, status: "pending" });
};
