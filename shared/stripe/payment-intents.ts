import Stripe from "stripe";
import { type PaymentFailure, paymentFailure } from "../domain/declines.ts";
import { CheckoutError } from "../errors.ts";
import type { Client } from "../http/client-address.ts";
import { asCheckoutError } from "./errors.ts";
import { idempotencyKey } from "./idempotency.ts";
import { isUnclear, read, write, writeOrRefuse } from "./write.ts";

/** Null is the platform's own account. */
export type Account = string | null;

export const onAccount = (account: Account): Stripe.RequestOptions =>
  account === null ? {} : { stripeAccount: account };

const withCharge = { expand: ["latest_charge"] };

export interface NewPaymentIntent {
  readonly sessionId: string;
  readonly organizationId: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly applicationFeeAmount: number;
  readonly description: string;
  readonly stripeCustomerId: string | null;
}

/** A payment method and the browser that presented it. */
export interface PresentedCard {
  readonly paymentMethodId: string;
  readonly returnUrl?: string | undefined;
  readonly from?: Client | undefined;
  readonly addressDigest?: string | undefined;
}

/** What a card put forward came to. */
export interface Confirmation {
  readonly intent: Stripe.PaymentIntent;
  /** Why Stripe refused this card just now; the intent may tell of another card's attempt by then. */
  readonly refusal?: PaymentFailure;
  /** Stripe failed, and the intent shows nothing of this card: the caller is told to try again. */
  readonly failure?: Error;
}

/** The calls about payment intents. */
export function paymentIntents(stripe: Stripe) {
  const retrieve = (id: string, account: Account) =>
    read(() => stripe.paymentIntents.retrieve(id, withCharge, onAccount(account)));

  return {
    retrieve,

    async create(input: NewPaymentIntent, account: Account): Promise<Stripe.PaymentIntent> {
      const parameters: Stripe.PaymentIntentCreateParams = {
        amount: input.amount,
        currency: input.currency,
        // The customer stays in the app, so methods that live on another site are not offered.
        automatic_payment_methods: { enabled: true, allow_redirects: "never" },
        // Lets the paid card be attached to the customer, who is created only after the payment.
        setup_future_usage: "off_session",
        description: input.description,
        metadata: {
          checkout_session_id: input.sessionId,
          organization_id: input.organizationId,
        },
        ...(input.stripeCustomerId === null ? {} : { customer: input.stripeCustomerId }),
        ...(account === null || input.applicationFeeAmount === 0
          ? {}
          : { application_fee_amount: input.applicationFeeAmount }),
      };
      return writeOrRefuse({
        idempotencyKey: await idempotencyKey("intent", input.sessionId, parameters),
        run: (key) =>
          stripe.paymentIntents.create(parameters, { ...onAccount(account), idempotencyKey: key }),
        // Nobody holds the secret of an intent whose answer was lost: reconcile cancels it.
        find: () => Promise.resolve(undefined),
      });
    },

    /**
     * Puts a card forward. A refusal is no error here: the intent says what came of it. Where the intent is past taking
     * a card (another call was first), or Stripe's answer was lost, it is read instead.
     */
    async confirm(
      id: string,
      attempt: { readonly sessionId: string; readonly number: number },
      card: PresentedCard,
      account: Account,
    ): Promise<Confirmation> {
      const parameters = confirmParameters(card);
      try {
        return await write<Confirmation>({
          // A customer's network may change between two tries of one attempt, and with it what is sent of them.
          idempotencyKey: await idempotencyKey(
            "confirm",
            `${attempt.sessionId}:${attempt.number}`,
            { payment_method: card.paymentMethodId },
          ),
          run: async (key) => {
            const intent = await stripe.paymentIntents.confirm(id, parameters, {
              ...onAccount(account),
              idempotencyKey: key,
            });
            return isReplay(intent) ? replayed(await retrieve(id, account)) : { intent };
          },
          find: async (isKnown) => {
            const seen = await retrieve(id, account);
            if (isKnown && wasDeclined(seen, card)) return replayed(seen);
            return seen.status === "requires_payment_method" || isAboutAnother(seen, card)
              ? undefined
              : { intent: seen };
          },
        });
      } catch (error) {
        return afterFailure(error, card, () => retrieve(id, account));
      }
    },

    /** Cancels, so that no card can pay it any more; one that is past canceling is read instead. */
    async cancel(id: string, account: Account): Promise<Stripe.PaymentIntent> {
      const parameters: Stripe.PaymentIntentCancelParams = { cancellation_reason: "abandoned" };
      try {
        return await write({
          idempotencyKey: await idempotencyKey("cancel", id, parameters),
          run: (key) =>
            stripe.paymentIntents.cancel(id, parameters, {
              ...onAccount(account),
              idempotencyKey: key,
            }),
          find: async () => {
            const seen = await retrieve(id, account);
            return seen.status === "canceled" ? seen : undefined;
          },
        });
      } catch (error) {
        if (isUnexpectedState(error)) return retrieve(id, account);
        throw asCheckoutError(error);
      }
    },
  };
}

export type PaymentIntents = ReturnType<typeof paymentIntents>;

function confirmParameters(card: PresentedCard): Stripe.PaymentIntentConfirmParams {
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
    ...withCharge,
  };
}

/** Whether Stripe answered with what it had answered before: the intent as it was then. */
const isReplay = (intent: Stripe.PaymentIntent) => {
  const { lastResponse } = intent as Partial<Stripe.Response<Stripe.PaymentIntent>>;
  return lastResponse?.headers["idempotent-replayed"] === "true";
};

/** The answer to an attempt whose first answer was lost, from the intent as it is now. */
function replayed(intent: Stripe.PaymentIntent): Confirmation {
  const { status, last_payment_error: error } = intent;
  return status === "requires_payment_method" && error !== null
    ? { intent, refusal: paymentFailure(error) }
    : { intent };
}

const isUnexpectedState = (error: unknown) =>
  error instanceof Stripe.errors.StripeInvalidRequestError &&
  error.code === "payment_intent_unexpected_state";

/** Whether the last that the intent tells is that this very card was refused. */
const wasDeclined = (intent: Stripe.PaymentIntent, card: PresentedCard) =>
  intent.status === "requires_payment_method" &&
  intent.last_payment_error?.payment_method?.id === card.paymentMethodId;

/** Whether the intent waits for the customer's bank about another card than this one. */
const isAboutAnother = (intent: Stripe.PaymentIntent, card: PresentedCard) =>
  intent.status === "requires_action" && intent.payment_method !== card.paymentMethodId;

/** What a confirm that threw came to, as the intent tells it; throws where the card itself cannot be used. */
async function afterFailure(
  error: unknown,
  card: PresentedCard,
  retrieve: () => Promise<Stripe.PaymentIntent>,
): Promise<Confirmation> {
  if (error instanceof Stripe.errors.StripeCardError) {
    const { rawType: type, code, decline_code, payment_method } = error;
    const refusal = paymentFailure({ type, code, decline_code, payment_method });
    return { intent: await retrieve(), refusal };
  }
  if (isUnexpectedState(error)) return { intent: await retrieve() };
  if (isUnclear(error)) {
    const intent = await retrieve();
    const failure = asCheckoutError(error);
    // Of this card nothing is known, so another card's wait or refusal is not written down as its own.
    if (isAboutAnother(intent, card)) throw failure;
    return {
      intent: intent.status === "requires_payment_method"
        ? { ...intent, last_payment_error: null }
        : intent,
      failure,
    };
  }
  if (error instanceof Stripe.errors.StripeInvalidRequestError) {
    const isAboutCard = error.param === "payment_method" ||
      error.code?.startsWith("payment_method_") ||
      error.code === "payment_intent_mandate_invalid";
    if (isAboutCard) {
      throw new CheckoutError("payment_method_invalid", {
        cause: new Error(`${error.code ?? ""} ${error.requestId ?? ""}`),
      });
    }
  }
  throw asCheckoutError(error);
}
