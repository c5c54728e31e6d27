import type {
  CreateResponse,
  ErrorCode,
  PricedProduct,
  ProductsResponse,
  ReplaceableSubscription,
} from "@billingos/checkout";
import { errorTable } from "../../../shared/contract/error-table.ts";
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

/** What the customer has at Stripe of a product: a price of its. */
export const held = (
  digit: number,
  productName: string,
  changes: Partial<ReplaceableSubscription> = {},
): ReplaceableSubscription => ({
  id: uuid(digit + 8),
  productId: uuid(digit),
  productName,
  priceId: uuid(digit + 4),
  status: "active",
  quantity: 1,
  isFree: false,
  currentPeriodEnd: "2026-12-01T00:00:00Z",
  cancelAtPeriodEnd: false,
  ...changes,
});

/** As create refuses a change of it to a price. */
export const refusal = (code: ErrorCode) => ({ code, message: errorTable[code].message });

const product = (
  digit: number,
  name: string,
  subscriptions: readonly ReplaceableSubscription[],
  trialDays = 0,
): PricedProduct => ({
  id: uuid(digit),
  name,
  description: "",
  isCurrentPlan: subscriptions.some(({ productId }) => productId === uuid(digit)),
  trialDays,
  features: [],
  prices: [{
    id: uuid(digit + 4),
    amount: digit * 1_000,
    currency: "usd",
    interval: "month",
    intervalCount: 1,
    ...(subscriptions.length === 0
      ? {}
      : { changes: subscriptions.map(({ id: subscriptionId }) => ({ subscriptionId })) }),
  }],
});

/** What is on sale to a customer who has these. */
export const soldTo = (subscriptions: ReplaceableSubscription[]): ProductsResponse => ({
  products: [
    product(1, "Starter", subscriptions),
    product(2, "Pro", subscriptions, 14),
  ],
  currentSubscription: subscriptions[0] ?? null,
  subscriptions,
});

/** The same to one who has the first of the two, or nothing. */
export const sold = (hasStarter: boolean) => soldTo(hasStarter ? [held(1, "Starter")] : []);

/** The same to one who has nothing, in seats. */
export function seated(): ProductsResponse {
  const onSale = sold(false);
  for (const { prices } of onSale.products) {
    for (const price of prices) price.seats = { min: 1 };
  }
  return onSale;
}

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
