import { CheckoutProvider, PricingTable } from "@billingos/checkout/react";
import { useState } from "react";
import type { Config } from "./config.ts";
import { openShop } from "./shop.ts";

export function App({ config }: { readonly config: Config }) {
  const [{ client }] = useState(() => openShop(config));
  return (
    <CheckoutProvider client={client}>
      <main>
        <h1>Plans</h1>
        <PricingTable onSelect={() => undefined} />
      </main>
    </CheckoutProvider>
  );
}
