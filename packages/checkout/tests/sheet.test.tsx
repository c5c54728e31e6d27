import { createCheckoutClient } from "@billingos/checkout";
import { CheckoutProvider, PaymentSheet, type PaymentSheetProps } from "@billingos/checkout/react";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { type Answer, json, type Received, refuse, serve } from "./local-server.ts";

const id = "5f1e8f9e-0000-4000-8000-000000000000";
const session = {
  id,
  clientSecret: "pi_1_secret_1",
  paymentIntentId: "pi_1",
  priceId: "5f1e8f9e-0000-4000-8000-000000000001",
  quantity: 1,
  amount: 123_456_789,
  currency: "jpy",
  discountAmount: 0,
  taxAmount: 0,
  adjustmentAmount: -500,
  totalAmount: 123_456_289,
  product: { name: "Pro", interval: "month", intervalCount: 3, features: ["Projects"] },
  customer: {},
  stripePublishableKey: "pk_test_1",
  trialDays: 0,
  checkoutMode: "standard",
  status: "pending",
  version: 1,
  expiresAt: "2026-12-01T00:00:00Z",
  realtime: { topic: `checkout:${id}`, event: "checkout.updated" },
};

async function open(
  props: Partial<PaymentSheetProps> = {},
  special: (request: Received) => Answer | undefined = () => undefined,
) {
  const { functionsUrl, received } = await serve((response, request) => {
    const answer = special(request);
    if (answer !== undefined) answer(response, request);
    else if (request.url.startsWith("/products")) {
      json(response, 200, { products: [], currentSubscription: null, subscriptions: [] });
    } else json(response, 200, session);
  });
  const client = createCheckoutClient({ functionsUrl, sessionToken: "t" });
  render(
    <CheckoutProvider client={client}>
      <PaymentSheet
        open
        onClose={() => undefined}
        input={{ priceId: "p" }}
        renderCard={({ payLabel }) => <button type="button">{payLabel}</button>}
        {...props}
      />
    </CheckoutProvider>,
  );
  return received;
}

describe("a payment sheet", () => {
  it("shows each part of what is due, in the currency's own digits", async () => {
    await open();
    await screen.findByRole("button", { name: "Pay ¥123,456,289" });
    expect(screen.getByText("¥123,456,789 every 3 months")).toBeDefined();
    expect(screen.getByText("Your credit").nextSibling?.textContent).toBe("-¥500");
  });

  it("asks for an address where it is needed, and opens with it", async () => {
    const received = await open(
      {},
      ({ url, body }) =>
        url === "/checkout-create" && !body.includes("customer")
          ? (response) => refuse(response, 400, "address_required")
          : undefined,
    );
    const form = await screen.findByRole("form", { name: "Billing address" });
    fireEvent.change(screen.getByLabelText("Country"), { target: { value: "DE" } });
    fireEvent.change(screen.getByLabelText("Postal code"), { target: { value: " 10115 " } });
    fireEvent.submit(form);
    await screen.findByRole("button", { name: /^Pay/ });
    const asked = received.findLast(({ url }) => url === "/checkout-create");
    expect(JSON.parse(asked?.body ?? "")).toEqual({
      priceId: "p",
      customer: { address: { country: "DE", postalCode: "10115" }, taxId: "" },
    });
    expect(screen.queryByRole("form", { name: "Billing address" })).toBeNull();
  });

  it("asks for no address any more once it was paid, as in another tab", async () => {
    let isPaid = false;
    await open(
      { input: { priceId: "p", customer: { address: { country: "DE" } } } },
      ({ url }) =>
        isPaid && url.startsWith("/checkout-status")
          ? (response) => json(response, 200, { ...session, version: 2, status: "succeeded" })
          : undefined,
    );
    fireEvent.click(await screen.findByRole("button", { name: "Change the address" }));
    await screen.findByRole("form", { name: "Billing address" });
    isPaid = true;
    await screen.findByText("Done. Your subscription is active.");
    expect(screen.queryByRole("form", { name: "Billing address" })).toBeNull();
  });

  it("tells the app of each session, and what it is of", async () => {
    const told: unknown[] = [];
    await open({ onSession: ({ id: opened }, input) => told.push([opened, input]) });
    await screen.findByRole("button", { name: /^Pay/ });
    // Told by an effect, which React runs after it has shown the session.
    await waitFor(() => expect(told).toEqual([[id, { priceId: "p" }]]));
  });

  it("goes on with a session without opening another one", async () => {
    const received = await open({ sessionId: id });
    await screen.findByRole("button", { name: /^Pay/ });
    expect(received.filter(({ url }) => url === "/checkout-create")).toEqual([]);
  });

  it("says a refused coupon beside its field, and not above the form", async () => {
    await open(
      {},
      ({ body }) =>
        body.includes("NONE") ? (response) => refuse(response, 400, "coupon_not_found") : undefined,
    );
    fireEvent.click(await screen.findByRole("button", { name: "Add a coupon" }));
    const field = screen.getByLabelText("Coupon");
    await waitFor(() => expect(document.activeElement).toBe(field));
    fireEvent.change(field, { target: { value: "NONE" } });
    fireEvent.click(screen.getByRole("button", { name: "Apply" }));
    await screen.findByText("coupon_not_found.");
    expect(field.getAttribute("aria-invalid")).toBe("true");
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("closes by Escape, but not by one that ends the writing of a word", async () => {
    const closes: string[] = [];
    await open({ onClose: () => closes.push("closed") });
    await screen.findByRole("button", { name: /^Pay/ });
    fireEvent.keyDown(document.body, { key: "Escape", isComposing: true });
    fireEvent.keyDown(document.body, { key: "Enter" });
    expect(closes).toEqual([]);
    fireEvent.keyDown(document.body, { key: "Escape" });
    expect(closes).toEqual(["closed"]);
  });
});
