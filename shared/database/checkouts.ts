import * as z from "zod";
import { snapshot } from "../contract/snapshot.ts";
import { type CheckoutFulfillment, checkoutFulfillment } from "./checkout-fulfillment.ts";
import { type CheckoutOpening, checkoutOpening } from "./checkout-opening.ts";
import { type Cause, type CheckoutPayment, checkoutPayment } from "./checkout-payment.ts";
import { callerArguments } from "./caller.ts";
import type { Call } from "./client.ts";
import { rateLimited } from "./rate-limited.ts";
import type { SessionCaller } from "../domain/caller.ts";
import {
  type LocatedCheckout,
  locatedCheckout,
  ownedSession,
  traceId,
} from "../domain/sessions.ts";

const read = z.object({ snapshot, stuck: z.boolean(), traceId, owner: ownedSession.nullable() });
const limitedRead = z.union([read, rateLimited]);

/** One name by which a session is found. */
export type CheckoutName =
  | { readonly sessionId: string }
  | { readonly stripePaymentIntentId: string };

/** The typed calls about checkout sessions; what each outcome means stands beside the SQL function. */
export interface Checkouts extends CheckoutOpening, CheckoutPayment, CheckoutFulfillment {
  /** The same calls, made for an event or a card: bound once, it need not be handed to each step. */
  for(cause: Cause): Checkouts;
  /** Where a session stands; null where there is none, or none with an intent. */
  locate(name: CheckoutName): Promise<LocatedCheckout | null>;
  /** A session as anybody may see it, with whether it waits for something that should have come. */
  read(sessionId: string): Promise<z.output<typeof read> | null>;
  /** The same for a caller, within a limit; to its owner also what nobody else may see. */
  readFor(
    sessionId: string,
    caller?: SessionCaller,
  ): Promise<z.output<typeof limitedRead> | null>;
  /** Whether the caller is the one to look at Stripe now. */
  claim(sessionId: string): Promise<boolean>;
  /** Ends a session past its expiry that never had an intent. */
  expireBare(sessionId: string): Promise<unknown>;
  /** Ends a session past its expiry whose account is gone. */
  expireUnreachable(sessionId: string): Promise<boolean>;
}

export function checkouts(call: Call, cause: Cause = {}): Checkouts {
  return {
    for: (other) => checkouts(call, other),

    ...checkoutOpening(call),
    ...checkoutPayment(call, cause),
    ...checkoutFulfillment(call, cause),

    locate: (name) =>
      call(
        "locate_checkout",
        "sessionId" in name
          ? { p_session_id: name.sessionId }
          : { p_stripe_payment_intent_id: name.stripePaymentIntentId },
        locatedCheckout.nullable(),
      ),

    read: (sessionId) => call("read_checkout", { p_session_id: sessionId }, read.nullable()),

    readFor: (sessionId, caller) =>
      call(
        "read_checkout",
        {
          p_session_id: sessionId,
          p_limited: true,
          ...(caller && callerArguments(caller)),
        },
        limitedRead.nullable(),
      ),

    claim: (sessionId) => call("claim_session", { p_session_id: sessionId }, z.boolean()),

    expireBare: (sessionId) =>
      call("expire_bare_session", { p_session_id: sessionId }, z.unknown()),

    expireUnreachable: (sessionId) =>
      call("expire_unreachable_session", { p_session_id: sessionId }, z.boolean()),
  };
}
