import Stripe from "stripe";
import { type PaymentFailure, paymentFailure } from "../domain/declines.ts";
import { CheckoutError } from "../runtime/errors.ts";
import type { Client } from "../http/client-address.ts";
import { asCheckoutError } from "./errors.ts";
import {
  type CheckoutIntent,
  type ConfirmParameters,
  lastErrorOf,
  methodIdOf,
} from "./intent-calls.ts";
import { isUnclear } from "./write.ts";

/** A payment method and the browser that presented it. */
export interface PresentedCard {
  readonly paymentMethodId: string;
  readonly returnUrl?: string | undefined;
  readonly from?: Client | undefined;
  readonly addressDigest?: string | undefined;
}

/** What came of a card. */
export interface Confirmation {
  readonly intent: CheckoutIntent;
  /** Why Stripe refused this card just now; the intent may tell of another card's attempt by then. */
  readonly refusal?: PaymentFailure;
  /** Stripe failed, and the intent shows nothing of this card: the caller is told to try again. */
  readonly failure?: Error;
}

/** A card as Stripe takes it. */
export function confirmParameters(card: PresentedCard): ConfirmParameters {
  return {
    payment_method: card.paymentMethodId,
    ...(card.returnUrl === undefined ? { use_stripe_sdk: true } : { return_url: card.returnUrl }),
    // A bank debit needs the customer's consent on record; Stripe.js sends the same from the browser.
    ...(card.from === undefined ? {} : {
      mandate_data: {
        customer_acceptance: {
          type: "online",
          online: { ip_address: card.from.address, user_agent: card.from.userAgent },
        },
      },
    }),
  };
}

/** The answer to an attempt whose first answer was lost, from the intent as it is now. */
export function replayed(intent: CheckoutIntent): Confirmation {
  const error = lastErrorOf(intent);
  return intent.status === "requires_payment_method" && error !== null
    ? { intent, refusal: paymentFailure(error) }
    : { intent };
}

export const isUnexpectedState = (error: unknown, code: string) =>
  error instanceof Stripe.errors.StripeInvalidRequestError && error.code === code;

/** Whether the last that the intent tells is that this very card was refused. */
export const wasDeclined = (intent: CheckoutIntent, card: PresentedCard) =>
  intent.status === "requires_payment_method" &&
  lastErrorOf(intent)?.payment_method?.id === card.paymentMethodId;

/** Whether a card may still pay the intent, another one or the one about which the customer's bank is asked. */
export const waitsForCard = ({ status }: CheckoutIntent) =>
  status === "requires_payment_method" || status === "requires_confirmation" ||
  status === "requires_action";

/** Whether the intent waits for the customer's bank about another card than this one. */
export const isAboutAnother = (intent: CheckoutIntent, card: PresentedCard) =>
  intent.status === "requires_action" && methodIdOf(intent) !== card.paymentMethodId;

/** The same intent without what it remembers of a card before; its charge is told by whoever tells its refusal. */
function withoutLastError(intent: CheckoutIntent): CheckoutIntent {
  return intent.object === "setup_intent"
    ? { ...intent, last_setup_error: null }
    : { ...intent, last_payment_error: null, latest_charge: null };
}

/** What a confirm that threw came to, as the intent tells it; throws where the card itself cannot be used. */
export async function afterFailure(
  error: unknown,
  card: PresentedCard,
  retrieve: () => Promise<CheckoutIntent>,
): Promise<Confirmation> {
  if (error instanceof Stripe.errors.StripeCardError) {
    const { rawType: type, code, decline_code, payment_method } = error;
    const refusal = paymentFailure({ type, code, decline_code, payment_method });
    return { intent: await retrieve(), refusal };
  }
  if (isUnclear(error)) {
    const intent = await retrieve();
    const failure = asCheckoutError(error);
    // Of this card nothing is known, so another card's wait or refusal is not written down as its own.
    if (isAboutAnother(intent, card)) throw failure;
    return {
      intent: intent.status === "requires_payment_method" ? withoutLastError(intent) : intent,
      failure,
    };
  }
  if (error instanceof Stripe.errors.StripeInvalidRequestError) {
    const isAboutCard = error.param === "payment_method" ||
      error.code?.startsWith("payment_method_") ||
      error.code === "payment_intent_mandate_invalid" ||
      error.code === "setup_intent_mandate_invalid";
    if (isAboutCard) {
      // Paid past this confirm, it is not told that the card is no good: Stripe may look at the card before it looks at the intent.
      const intent = await retrieve();
      if (!waitsForCard(intent)) return { intent };
      throw new CheckoutError("payment_method_invalid", {
        cause: new Error(`${error.code ?? ""} ${error.requestId ?? ""}`),
      });
    }
  }
  throw asCheckoutError(error);
}
