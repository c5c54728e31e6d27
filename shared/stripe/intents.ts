import type Stripe from "stripe";
import { type Account, onAccount } from "./account.ts";
import {
  afterFailure,
  type Confirmation,
  confirmParameters,
  isAboutAnother,
  isUnexpectedState,
  type PresentedCard,
  replayed,
  wasDeclined,
} from "./confirmation.ts";
import { asCheckoutError } from "./errors.ts";
import { idempotencyKey } from "./idempotency.ts";
import { type CheckoutIntent, intentCalls } from "./intent-calls.ts";
import { isReplay, read, write } from "./write.ts";

/** One of a session's cards. */
export interface Attempt {
  readonly sessionId: string;
  readonly number: number;
}

/** The calls about a session's intent, of whichever kind. */
export interface Intents {
  retrieve(id: string, account: Account): Promise<CheckoutIntent>;
  /**
   * Confirms with a card. A refusal is no error here: the intent says what came of it. Where the intent is past taking
   * a card (another call was first), or Stripe's answer was lost, it is read instead.
   */
  confirm(
    id: string,
    attempt: Attempt,
    card: PresentedCard,
    account: Account,
  ): Promise<Confirmation>;
  /**
   * Cancels, so that no card can pay it any more; one that is past canceling is read instead. Stripe keeps such a
   * refusal under the key: `revision` is the session's, so that an intent which became open again can be canceled.
   */
  cancel(id: string, account: Account, revision?: number): Promise<CheckoutIntent>;
}

export function intents(stripe: Stripe): Intents {
  const callsOf = intentCalls(stripe);
  const retrieve = (id: string, account: Account): Promise<CheckoutIntent> =>
    read(() => callsOf(id).retrieve(id, onAccount(account)));

  return {
    retrieve,

    async confirm(id, attempt, card, account) {
      const calls = callsOf(id);
      const parameters = confirmParameters(card);
      try {
        return await write<Confirmation>({
          account,
          // A customer's network may change between two tries of one attempt, and with it what is sent of them.
          idempotencyKey: await idempotencyKey(
            "confirm",
            `${attempt.sessionId}:${attempt.number}`,
            { payment_method: card.paymentMethodId },
          ),
          // An intent is paid once.
          isOnceByItself: true,
          run: async (keyed) => {
            const intent = await calls.confirm(id, parameters, keyed);
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
        if (isUnexpectedState(error, calls.unexpectedState)) {
          return { intent: await retrieve(id, account) };
        }
        return afterFailure(error, card, () => retrieve(id, account));
      }
    },

    async cancel(id, account, revision) {
      const calls = callsOf(id);
      const parameters = { cancellation_reason: "abandoned" } as const;
      try {
        return await write({
          account,
          idempotencyKey: await idempotencyKey(
            "cancel",
            revision === undefined ? id : `${id}:${revision}`,
            parameters,
          ),
          run: (keyed) => calls.cancel(id, parameters, keyed),
          find: async () => {
            const seen = await retrieve(id, account);
            return seen.status === "canceled" ? seen : undefined;
          },
        });
      } catch (error) {
        if (isUnexpectedState(error, calls.unexpectedState)) return retrieve(id, account);
        throw asCheckoutError(error);
      }
    },
  };
}
