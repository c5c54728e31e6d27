import type { CardStep } from "@billingos/checkout/react";
import { Elements, PaymentElement, useElements, useStripe } from "@stripe/react-stripe-js";
import { type SubmitEvent, useEffect, useState } from "react";
import { stripeOf } from "./stripe.ts";

/**
 * Stripe's Payment Element: what is typed goes from Stripe's frame to Stripe, and a payment method comes back. It is made with the
 * session's intent, and so offers what that takes: made by `mode`, it would offer all that the account has switched on.
 */
export function StripeCard(step: CardStep) {
  const { session } = step;
  const { clientSecret, currency } = session;
  const [stripe, setStripe] = useState(() => stripeOf(session));
  const [tries, setTries] = useState(0);
  const [broken, setBroken] = useState<string>();
  const key = `${clientSecret} ${tries}`;
  useEffect(() => {
    stripe.catch(() => setBroken(key));
  }, [stripe, key]);
  if (broken === key) {
    return (
      <div className="card-form">
        {/* Of a session that is over, which no form takes, the sheet hears by itself. */}
        <p className="bos-error" role="alert">The payment form could not be loaded.</p>
        <button
          type="button"
          className="bos-quiet"
          onClick={() => {
            setStripe(stripeOf(session));
            setTries(tries + 1);
          }}
        >
          Load it again
        </button>
      </div>
    );
  }
  return (
    <Elements
      // Made anew for another intent: https://docs.stripe.com/sdks/stripejs-react#elements-provider
      key={key}
      stripe={stripe}
      // Of a set-up intent, which has no currency, the methods follow this one.
      options={{ clientSecret, currency, paymentMethodCreation: "manual" }}
    >
      <CardForm {...step} onBroken={() => setBroken(key)} />
    </Elements>
  );
}

function CardForm(
  { pay, isBusy, payLabel, onBroken }: CardStep & { readonly onBroken: () => void },
) {
  const stripe = useStripe();
  const elements = useElements();
  const [isAsking, setAsking] = useState(false);
  const [error, setError] = useState<string>();
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
  return (
    <form
      className="card-form"
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        void submit();
      }}
    >
      <PaymentElement onLoadError={onBroken} />
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
