import type { CardStep } from "@billingos/checkout/react";
import { Elements, PaymentElement, useElements, useStripe } from "@stripe/react-stripe-js";
import { type SubmitEvent, useState } from "react";
import { stripeOf } from "./stripe.ts";

/**
 * Stripe's Payment Element: what is typed goes from Stripe's frame to Stripe, and a payment method comes back. It is made with the
 * session's intent, and so offers what that takes: made by `mode`, it would offer all that the account has switched on.
 */
export function StripeCard(step: CardStep) {
  const { clientSecret, currency } = step.session;
  const [tries, setTries] = useState(0);
  return (
    <Elements
      // Made anew for another intent: https://docs.stripe.com/sdks/stripejs-react#elements-provider
      key={`${clientSecret} ${tries}`}
      stripe={stripeOf(step.session)}
      // Of a set-up intent, which has no currency, the methods follow this one.
      options={{ clientSecret, currency, paymentMethodCreation: "manual" }}
    >
      <CardForm {...step} retry={() => setTries(tries + 1)} />
    </Elements>
  );
}

function CardForm({ pay, isBusy, payLabel, retry }: CardStep & { readonly retry: () => void }) {
  const stripe = useStripe();
  const elements = useElements();
  const [isAsking, setAsking] = useState(false);
  const [error, setError] = useState<string>();
  const [isBroken, setBroken] = useState(false);
  const submit = async () => {
    if (stripe === null || elements === null) return;
    setAsking(true);
    setError(undefined);
    try {
      const checked = await elements.submit();
      if (checked.error !== undefined) return;
      const made = await stripe.createPaymentMethod({ elements });
      if (made.error !== undefined) setError(made.error.message);
      // Without an address to return to, the bank asks in a window of Stripe.js, and the page stays.
      else await pay({ paymentMethodId: made.paymentMethod.id });
    } finally {
      setAsking(false);
    }
  };
  if (isBroken) {
    return (
      <div className="card-form">
        {/* Of a session that is over, which no form takes, the sheet hears by itself. */}
        <p className="bos-error" role="alert">The payment form could not be loaded.</p>
        <button type="button" className="bos-quiet" onClick={retry}>Load it again</button>
      </div>
    );
  }
  return (
    <form
      className="card-form"
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        void submit();
      }}
    >
      <PaymentElement onLoadError={() => setBroken(true)} />
      {error !== undefined && <p className="bos-error" role="alert">{error}</p>}
      <button
        type="submit"
        className="bos-button"
        disabled={isBusy || isAsking || stripe === null}
      >
        {payLabel}
      </button>
    </form>
  );
}
