"use client";

import { createCheckoutClient, type Snapshot } from "@billingos/checkout";
import { CheckoutProvider, PaymentSheet, useEntitlements } from "@billingos/checkout/react";
import { useState } from "react";

const client = createCheckoutClient({
  functionsUrl: "https://example.supabase.co/functions/v1",
  getSessionToken: async () => (await fetch("/api/session-token")).text(),
});

function Entitlements() {
  const { data } = useEntitlements();
  return <ul>{data?.entitlements.map(({ name }) => <li key={name}>{name}</li>)}</ul>;
}

export function Shop() {
  const [isOpen, setOpen] = useState(false);
  const [last, setLast] = useState<Snapshot>();
  return (
    <CheckoutProvider client={client}>
      <button type="button" onClick={() => setOpen(true)}>Buy</button>
      <output>{last?.status}</output>
      <Entitlements />
      <PaymentSheet
        open={isOpen}
        onClose={() => setOpen(false)}
        onSuccess={setLast}
        renderCard={({ session }) => <p>{session.id}</p>}
      />
    </CheckoutProvider>
  );
}
