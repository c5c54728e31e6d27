import type { ActionStep } from "@billingos/checkout/react";
import { useEffect, useRef, useState } from "react";
import { stripeOf } from "./stripe.ts";

/** Lets Stripe.js ask for the bank, in a window of its own above the page, and then has it confirmed what came of it. */
export function StripeAction({ session, confirm }: Pick<ActionStep, "session" | "confirm">) {
  const [error, setError] = useState<string>();
  const isAsked = useRef(false);
  useEffect(() => {
    if (isAsked.current) return;
    isAsked.current = true;
    const ask = async () => {
      const stripe = await stripeOf(session);
      const answer = await stripe?.handleNextAction({ clientSecret: session.clientSecret });
      setError(answer?.error?.message);
      if (answer?.error === undefined) await confirm?.();
    };
    ask().catch((thrown: unknown) => setError(String(thrown)));
  }, [session, confirm]);
  return error === undefined ? null : <p className="bos-error" role="alert">{error}</p>;
}
