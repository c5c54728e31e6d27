import { createCheckoutClient } from "@billingos/checkout";
import {
  CheckoutProvider,
  FeatureGate,
  PricingTable,
  useCheckoutClient,
} from "@billingos/checkout/react";
import { QueryClient } from "@tanstack/react-query";
import { act, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import type { ReactNode } from "react";
import { describe, expect, it } from "vitest";
import type { EntitlementsResponse } from "../../../shared/contract/entitlements.ts";
import type { ProductsResponse } from "../../../shared/contract/products.ts";
import { type Answer, json, refuse, serve } from "./local-server.ts";

async function page(answer: Answer, children: ReactNode) {
  const { functionsUrl, received } = await serve(answer);
  const client = createCheckoutClient({ functionsUrl, sessionToken: "t" });
  render(<CheckoutProvider client={client}>{children}</CheckoutProvider>);
  return received;
}

const id = (digit: number) => `5f1e8f9e-0000-4000-8000-00000000000${digit}`;
const granted = (featureKey: string, limit: number | null) => ({
  featureKey,
  name: featureKey,
  limit,
  productId: id(1),
  productName: "Pro",
  subscriptionId: id(2),
  status: "active",
  currentPeriodEnd: "2026-12-01T00:00:00Z",
  grantedAt: "2026-11-01T00:00:00Z",
});
const entitlements: EntitlementsResponse = {
  entitlements: [granted("sso", null), granted("seats", 0)],
};

const gate = (feature: string) => (
  <FeatureGate feature={feature} pending="wait" fallback="buy it">open</FeatureGate>
);

describe("a gate", () => {
  it.each([["sso", "open"], ["seats", "buy it"], ["nothing", "buy it"], ["toString", "buy it"]])(
    "before the feature %s shows: %s",
    async (feature, shown) => {
      await page((response) => json(response, 200, entitlements), gate(feature));
      expect(document.body.textContent).toBe("wait");
      expect(await screen.findByText(shown)).toBeDefined();
      expect(document.body.textContent).toBe(shown);
    },
  );

  it("stays shut where the service refuses, and asks no more", async () => {
    const received = await page(
      (response) => refuse(response, 403, "operation_not_allowed"),
      gate("sso"),
    );
    expect(await screen.findByText("buy it")).toBeDefined();
    expect(received).toHaveLength(1);
  });

  it("offers nothing to buy while it is not known what the customer may use", async () => {
    let isUp = false;
    const { functionsUrl } = await serve((response) =>
      isUp ? json(response, 200, entitlements) : refuse(response, 503, "database_unavailable")
    );
    const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    render(
      <CheckoutProvider
        client={createCheckoutClient({ functionsUrl, sessionToken: "t" })}
        queryClient={queries}
      >
        {gate("sso")}
      </CheckoutProvider>,
    );
    await waitFor(() =>
      expect(queries.getQueryCache().getAll().map(({ state }) => state.status)).toEqual(["error"])
    );
    expect(document.body.textContent).toBe("wait");
    isUp = true;
    await act(() => queries.refetchQueries());
    expect(await screen.findByText("open")).toBeDefined();
  });

  it("asks once for all gates of a page", async () => {
    const received = await page(
      (response) => json(response, 200, entitlements),
      <>
        {gate("sso")}
        {gate("seats")}
      </>,
    );
    await screen.findByText(/open/);
    expect(received).toHaveLength(1);
  });
});

const price = (digit: number, amount: number, interval: "month" | "year", currency = "usd") => ({
  id: id(digit),
  amount,
  currency,
  interval,
  intervalCount: 1,
});
const current = {
  id: id(9),
  productId: id(1),
  priceId: id(3),
  status: "active",
  currentPeriodEnd: "2026-12-01T00:00:00Z",
  cancelAtPeriodEnd: false,
};
const sold: ProductsResponse = {
  currentSubscription: current,
  subscriptions: [{ ...current, productName: "Pro", quantity: 1, isFree: false }],
  products: [
    {
      id: id(1),
      name: "Pro",
      description: "For a team",
      prices: [
        price(3, 2_900, "month"),
        price(4, 29_000, "year"),
        price(5, 430_000, "month", "jpy"),
      ],
      features: [{
        id: id(8),
        name: "seats",
        title: "Seats",
        type: "numeric_limit",
        properties: { limit: 1_000 },
      }],
      isCurrentPlan: true,
      trialDays: 0,
    },
    {
      id: id(2),
      name: "Basic <b>",
      description: "",
      prices: [price(6, 0, "month")],
      features: [],
      isCurrentPlan: false,
      trialDays: 14,
    },
  ],
};

const plan = (name: string) => within(screen.getByRole("listitem", { name }));

describe("a pricing table", () => {
  const selected: string[] = [];
  const table = <PricingTable onSelect={({ id: chosen }) => selected.push(chosen)} />;

  it("shows each product with its price, and the one that the customer has as not to be bought", async () => {
    await page((response) => json(response, 200, sold), table);
    await screen.findByText("Pro");
    expect(plan("Pro").getByText("$29.00")).toBeDefined();
    expect(plan("Pro").getByText("Seats: 1,000")).toBeDefined();
    expect(plan("Pro").getByRole("button", { name: "Current plan" })).toHaveProperty(
      "disabled",
      true,
    );
    expect(plan("Basic <b>").getByText("Free")).toBeDefined();
    // No trial of what costs nothing.
    expect(plan("Basic <b>").getByRole("button", { name: "Choose" })).toBeDefined();
  });

  it("tells which price was chosen, of the period that is shown", async () => {
    selected.length = 0;
    await page((response) => json(response, 200, sold), table);
    fireEvent.click(await screen.findByRole("radio", { name: "per year" }));
    expect(plan("Pro").getByText("$290.00")).toBeDefined();
    fireEvent.click(plan("Pro").getByRole("button", { name: "Choose" }));
    fireEvent.click(plan("Basic <b>").getByRole("button", { name: "Choose" }));
    expect(selected).toEqual([id(4), id(6)]);
  });

  it("shows one currency, and its amounts as Stripe counts them", async () => {
    await page(
      (response) => json(response, 200, sold),
      <PricingTable currency="jpy" locale="en" onSelect={() => undefined} />,
    );
    expect(await screen.findByText("¥430,000")).toBeDefined();
    expect(screen.queryByText("Basic <b>")).toBeNull();
  });

  it("says that it cannot be shown, and is shown once the service answers", async () => {
    let isUp = false;
    await page(
      (response) =>
        isUp ? json(response, 200, sold) : refuse(response, 401, "session_token_invalid"),
      table,
    );
    const retry = await screen.findByRole("button", { name: "Try again" });
    isUp = true;
    fireEvent.click(retry);
    expect(await screen.findByText("Pro")).toBeDefined();
  });
});

function Lost() {
  useCheckoutClient();
  return null;
}

describe("a component without a provider", () => {
  it("says what is missing", () => {
    const silent = console.error;
    console.error = () => undefined;
    try {
      expect(() => render(<Lost />)).toThrow("there is no CheckoutProvider above this component");
    } finally {
      console.error = silent;
    }
  });
});
