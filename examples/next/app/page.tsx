"use client";

import { createCheckoutClient, type CreateInput } from "@billingos/checkout";
import {
  CheckoutProvider,
  FeatureGate,
  PaymentSheet,
  PricingTable,
} from "@billingos/checkout/react";
import { createClient } from "@supabase/supabase-js";
import { useState } from "react";

const url = process.env["NEXT_PUBLIC_SUPABASE_URL"] ?? "";
const publishableKey = process.env["NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY"] ?? "";
const checkout = createCheckoutClient({
  functionsUrl: `${url}/functions/v1`,
  // Realtime is for the browser: what the server renders follows no checkout.
  supabase: typeof window === "undefined" ? undefined : createClient(url, publishableKey),
  getSessionToken: async () => {
    const answer = await fetch("/api/session-token", { method: "POST" });
    if (answer.status === 401) return null; // nobody is signed in
    if (!answer.ok) throw new Error(`the shop answered ${answer.status}`);
    return answer.text();
  },
});

export default function Page() {
  const [input, setInput] = useState<CreateInput>();
  return (
    <CheckoutProvider client={checkout}>
      <h1>Plans</h1>
      <PricingTable onSelect={(_price, _product, wanted) => setInput(wanted)} />
      <FeatureGate feature="projects" fallback={<p>Buy a plan to have projects.</p>}>
        <p>You may have projects.</p>
      </FeatureGate>
      {input !== undefined && (
        <PaymentSheet
          open
          onClose={() => setInput(undefined)}
          input={input}
          // Stripe's Payment Element comes here, as in examples/payment-sheet; this is Stripe's own test card.
          renderCard={({ pay }) => (
            <button
              type="button"
              onClick={() => void pay({ paymentMethodId: "pm_card_visa" })}
            >
              Pay with the test card
            </button>
          )}
        />
      )}
    </CheckoutProvider>
  );
}
