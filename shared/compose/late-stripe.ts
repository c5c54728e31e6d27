import type { StatusStripe } from "../checkout/status.ts";
import type { NextInvoice } from "../contract/subscription.ts";
import type { EndingAtStripe } from "../database/own-subscriptions.ts";
import type { Logger } from "../runtime/log.ts";
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
      const { checkouts } = await import("../database/checkouts.ts");
      return side ??= statusStripe(checkouts(call()), gatewayOf(environment));
    };
  },
};

/** What Stripe is asked about a customer's own subscriptions. */
export interface SubscriptionStripe {
  nextInvoice(stripeSubscriptionId: string, account: string | null): Promise<NextInvoice | null>;
  /** As `setEnding` in `shared/sync`. */
  setEnding(at: EndingAtStripe, ending: boolean, log: Logger): Promise<"done" | "ended">;
}

/** For an account page, most of whose calls only read. */
export const lateSubscriptions: Part<() => Promise<SubscriptionStripe>> = {
  needs: ["database", "stripe"],
  make: ({ environment, call }) => {
    let side: SubscriptionStripe | undefined;
    return async () => {
      if (side !== undefined) return side;
      const { gatewayOf } = await import("./stripe.ts");
      const { setEnding } = await import("../sync/ending.ts");
      const { billing } = await import("../database/billing.ts");
      const { checkouts } = await import("../database/checkouts.ts");
      const { events } = await import("../database/events.ts");
      const stripe = gatewayOf(environment);
      const rows = {
        billing: billing(call()),
        checkouts: checkouts(call()),
        events: events(call()),
      };
      return side ??= {
        nextInvoice: (id, account) => stripe.previews.next(id, account),
        setEnding: (at, ending, log) => setEnding({ ...rows, stripe, log }, at, ending),
      };
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
