import * as z from "zod/mini";
import { type CheckoutFulfillment, checkoutFulfillment } from "./checkout-fulfillment.ts";
import { type CheckoutOpening, checkoutOpening } from "./checkout-opening.ts";
import { type CheckoutReading, checkoutReading } from "./checkout-reading.ts";
import { type Cause, type CheckoutPayment, checkoutPayment } from "./checkout-payment.ts";
import type { Call } from "./client.ts";
import { type LocatedCheckout, locatedCheckout } from "../domain/sessions.ts";

/** One name by which a session is found. */
export type CheckoutName =
  | { readonly sessionId: string }
  | { readonly stripePaymentIntentId: string };

/** The typed calls about checkout sessions; what each outcome means stands beside the SQL function. */
export interface Checkouts
  extends CheckoutReading, CheckoutOpening, CheckoutPayment, CheckoutFulfillment {
  /** The same calls, made for an event or a card: bound once, it need not be handed to each step. */
  for(cause: Cause): Checkouts;
  /** Where a session stands; null where there is none, or none with an intent. */
  locate(name: CheckoutName): Promise<LocatedCheckout | null>;
  /** Ends a session past its expiry that never had an intent. */
  expireBare(sessionId: string): Promise<unknown>;
  /** Ends a session past its expiry whose account is gone. */
  expireUnreachable(sessionId: string): Promise<boolean>;
}

export function checkouts(call: Call, cause: Cause = {}): Checkouts {
  return {
    for: (other) => checkouts(call, other),

    ...checkoutReading(call),
    ...checkoutOpening(call),
    ...checkoutPayment(call, cause),
    ...checkoutFulfillment(call, cause),

    locate: (name) =>
      call(
        "locate_checkout",
        "sessionId" in name
          ? { p_session_id: name.sessionId }
          : { p_stripe_payment_intent_id: name.stripePaymentIntentId },
        z.nullable(locatedCheckout),
      ),

    expireBare: (sessionId) =>
      call("expire_bare_session", { p_session_id: sessionId }, z.unknown()),

    expireUnreachable: (sessionId) =>
      call("expire_unreachable_session", { p_session_id: sessionId }, z.boolean()),
  };
}
