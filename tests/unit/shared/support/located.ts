import type { LocatedCheckout } from "../../../../shared/domain/sessions.ts";
import { paymentIntent } from "../stripe/answers.ts";
import { SESSION } from "../stripe/plans.ts";
import { snapshot } from "./snapshots.ts";

/** An open session with its intent, on the platform's own account. */
export const located: LocatedCheckout = {
  sessionId: SESSION,
  revision: 1,
  status: "open",
  pastExpiry: false,
  current: true,
  stripePaymentIntentId: paymentIntent.id,
  stripeAccountId: null,
  livemode: false,
  traceId: null,
  refunding: false,
  expected: {
    stripeSubscriptionId: null,
    stripeCustomerId: null,
    stripePriceId: null,
    payableSince: null,
    decidedAt: null,
  },
  snapshot: { ...snapshot, status: "pending" },
};
