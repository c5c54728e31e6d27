import { createCheckoutClient } from "@billingos/checkout";
import {
  CheckoutProvider,
  FeatureGate,
  PaymentSheet,
  PricingTable,
} from "@billingos/checkout/react";
import "@billingos/checkout/react.css";
import { createClient } from "@supabase/supabase-js";
import { useState } from "react";
import { createRoot } from "react-dom/client";

const client = createCheckoutClient({
  functionsUrl: "https://example.supabase.co/functions/v1",
  supabase: createClient("https://example.supabase.co", "sb_publishable_key"),
});

function Page() {
  const [priceId, setPriceId] = useState<string>();
  return (
    <CheckoutProvider client={client}>
      <PricingTable onSelect={({ id }) => setPriceId(id)} />
      <FeatureGate feature="sso" fallback="No single sign-on yet.">Single sign-on</FeatureGate>
      <PaymentSheet
        open={priceId !== undefined}
        input={priceId === undefined ? undefined : { priceId }}
        onClose={() => setPriceId(undefined)}
        renderCard={({ pay }) => (
          <button
            type="button"
            onClick={() => void pay({ paymentMethodId: "pm_card_visa" })}
          >
            Pay
          </button>
        )}
      />
    </CheckoutProvider>
  );
}

const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<Page />);
