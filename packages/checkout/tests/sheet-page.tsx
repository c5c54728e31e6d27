import { createCheckoutClient, type CreateInput } from "@billingos/checkout";
import {
  type CardStep,
  CheckoutProvider,
  FeatureGate,
  PaymentSheet,
  type PaymentSheetProps,
} from "@billingos/checkout/react";
import { fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { type Answer, json } from "./local-server.ts";
import { id } from "./shown-session.ts";

const Card = ({ pay }: CardStep) => (
  <button
    type="button"
    onClick={() => void pay({ paymentMethodId: "pm_1" })}
  >
    CARD
  </button>
);
const renderCard = (step: CardStep) => <Card {...step} />;

const someInput: CreateInput = { priceId: "p" };

interface PageProps extends Partial<PaymentSheetProps> {
  readonly functionsUrl: string;
  readonly getSessionToken?: () => Promise<string>;
}
export function pageOf({ functionsUrl, getSessionToken, ...props }: PageProps) {
  const token = getSessionToken === undefined ? { sessionToken: "t" } : { getSessionToken };
  const client = createCheckoutClient({ functionsUrl, ...token });
  /** Null where the customer chooses in the sheet. */
  function Page({ input = someInput }: { readonly input?: CreateInput | null }) {
    const [isOpen, setOpen] = useState(true);
    return (
      <CheckoutProvider client={client}>
        <button type="button" onClick={() => setOpen(true)}>OPEN</button>
        <FeatureGate feature="sso" fallback="LOCKED">UNLOCKED</FeatureGate>
        <PaymentSheet
          open={isOpen}
          onClose={() => setOpen(false)}
          input={input ?? undefined}
          renderCard={renderCard}
          {...props}
        />
      </CheckoutProvider>
    );
  }
  return Page;
}
export const click = async (name: string) =>
  fireEvent.click(await screen.findByRole("button", { name }));
export const at = (version: number, status: string): Answer => (response) =>
  json(response, 200, { id, version, status });
export const status = `/checkout-status/${id}`;
