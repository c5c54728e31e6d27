import type { StatusStripe } from "../checkout/status.ts";
import { checkouts } from "../database/checkouts.ts";
import type { StripeProbe } from "../stripe/probe.ts";
import { type Part, part } from "./compose.ts";

/**
 * Stripe for who rarely needs it: most browsers that poll a status are answered without loading its package. The deploy tool follows
 * an import of a written name, late ones too.
 */
export const lateStripe: Part<() => Promise<StatusStripe>> = {
  needs: ["database", "stripe"],
  make: ({ environment, call }) => {
    let side: StatusStripe | undefined;
    return async () => {
      const { gatewayOf } = await import("./stripe.ts");
      const { statusStripe } = await import("../checkout/status.ts");
      return side ??= statusStripe(checkouts(call()), gatewayOf(environment));
    };
  },
};

/** For who asks Stripe only where it is asked how things are. */
export const lateProbe = part(
  ["stripe"],
  (environment) => async (): Promise<StripeProbe> => {
    const { probeOf } = await import("./stripe.ts");
    return probeOf(environment);
  },
);
