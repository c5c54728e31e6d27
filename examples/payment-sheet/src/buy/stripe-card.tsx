import type { CardStep } from "@billingos/checkout/react";
import { Elements, PaymentElement, useElements, useStripe } from "@stripe/react-stripe-js";
import { type SubmitEvent, useState } from "react";
import { elementOptions } from "./element-options.ts";
import { returnUrl } from "./return-url.ts";
import { stripeOf } from "./stripe.ts";

/** Stripe's Payment Element: what is typed goes from Stripe's frame to Stripe, and a payment method comes back. */
export function StripeCard(step: CardStep) {
  const options = elementOptions(step.session);
  return (
    <Elements key={options.mode} stripe={stripeOf(step.session)} options={options}>
      <CardForm {...step} />
    </Elements>
  );
}

function CardForm({ pay, isBusy, payLabel }: CardStep) {
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
      else await pay({ paymentMethodId: made.paymentMethod.id, returnUrl: returnUrl() });
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
      <PaymentElement />
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
