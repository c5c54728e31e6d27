import type { CreateResponse } from "@billingos/checkout";
import { useEffect, useRef, useState } from "react";
import { stripeOf } from "./stripe.ts";

/** Lets Stripe.js ask for the bank, in a window of its own above the page. What comes of it, the watch tells. */
export function StripeAction({ session }: { readonly session: CreateResponse }) {
  const [error, setError] = useState<string>();
  const isAsked = useRef(false);
  useEffect(() => {
    if (isAsked.current) return;
    isAsked.current = true;
    const ask = async () => {
      const stripe = await stripeOf(session);
      const answer = await stripe?.handleNextAction({ clientSecret: session.clientSecret });
      setError(answer?.error?.message);
    };
    ask().catch((thrown: unknown) => setError(String(thrown)));
  }, [session]);
  return error === undefined ? null : <p className="bos-error" role="alert">{error}</p>;
}
