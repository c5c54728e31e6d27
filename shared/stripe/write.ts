import Stripe from "stripe";
import { retry, RetryError } from "deno-std/async/retry.js";
import { type Account, onAccount } from "./account.ts";
import { asCheckoutError, StripeRefusal } from "./errors.ts";

/** How many keys a write may use up in all its runs; see `write`. */
const GENERATIONS = 32;

/**
 * Runs a call, again where Stripe answers 429: stripe-node retries lost connections, 409 and 5xx by itself, but not
 * that. Throws what Stripe's package throws.
 */
async function patient<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await retry(run, {
      maxAttempts: 4,
      minTimeout: 250,
      maxTimeout: 2_000,
      isRetriable: (error: unknown) => error instanceof Stripe.errors.StripeRateLimitError,
    });
  } catch (error) {
    throw error instanceof RetryError ? error.cause : error;
  }
}

/** A call that changes nothing. Throws a CheckoutError. */
export async function read<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await patient(run);
  } catch (error) {
    throw asCheckoutError(error);
  }
}

/** Whether Stripe may have done the work although it did not say so. */
export function isUnclear(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeConnectionError ||
    (error instanceof Stripe.errors.StripeError && (error.statusCode ?? 0) >= 500);
}

/** An error's headers are a record, an answer's are what the runtime's fetch has. */
type StripeHeaders = Headers | Readonly<Record<string, string>>;

/** Whether Stripe answered with what it had answered before. */
export function isReplayed(headers: StripeHeaders | undefined): boolean {
  const name = "idempotent-replayed";
  return (headers instanceof Headers ? headers.get(name) : headers?.[name]) === "true";
}

/** Whether what a call came to is a replay: the object as it was then. */
export const isReplay = (answer: object): boolean =>
  isReplayed(
    (answer as { readonly lastResponse?: { readonly headers: StripeHeaders } })
      .lastResponse?.headers,
  );

/**
 * Whether the key will never carry this write although its call is over: Stripe keeps a refusal or a 500 under it for a day
 * (https://docs.stripe.com/api/idempotent_requests), also when its cause is gone. A refused card is an answer, and other
 * parameters under the key are not: the first call may still be in flight.
 */
function isSpent(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError && isReplayed(error.headers) &&
    !(error instanceof Stripe.errors.StripeCardError) &&
    !(error instanceof Stripe.errors.StripeIdempotencyError);
}

export interface Write<T> {
  readonly account: Account;
  readonly idempotencyKey: string;
  /** Given the account and the key, as Stripe's package takes them. */
  readonly run: (keyed: Stripe.RequestOptions) => Promise<T>;
  /**
   * Looks, in a way that is consistent at once, for what an unclear answer may have left. `isKnown` says that the key is
   * known to Stripe with other parameters: an earlier call under it has been carried out.
   */
  readonly find: (isKnown: boolean) => Promise<T | undefined>;
  /** Whether Stripe carries it out at most once under whatever keys, so that a key with other parameters may be left. */
  readonly isOnceByItself?: boolean;
}

/**
 * A call that changes something, at most once. An unclear answer (connection lost, 5xx, a key that was used with other
 * parameters) is settled by looking, and so is a refusal that Stripe replays. A key under which Stripe keeps one would block
 * the retry for a day, so the next key of the series is used: by every caller in the same order, only after looking, and
 * only where the call under the key is known to be over. Throws what Stripe's package throws.
 */
export async function write<T>(
  { account, idempotencyKey, run, find, isOnceByItself = false }: Write<T>,
): Promise<T> {
  for (let generation = 1;; generation += 1) {
    const key = generation === 1 ? idempotencyKey : `${idempotencyKey}:${generation}`;
    const keyed = { ...onAccount(account), idempotencyKey: key };
    try {
      return await patient(() => run(keyed));
    } catch (error) {
      const isKnown = error instanceof Stripe.errors.StripeIdempotencyError;
      if (!isUnclear(error) && !isKnown && !isSpent(error)) throw error;
      const found = await find(isKnown);
      if (found !== undefined) return found;
      const isOver = isSpent(error) || (isKnown && isOnceByItself);
      if (generation === GENERATIONS || !isOver) throw error;
    }
  }
}

/**
 * `write` with its failure as a CheckoutError. Before a refusal is believed, one more look: another run may have done
 * the very thing, and be the reason for the refusal.
 */
export async function writeOrRefuse<T>(options: Write<T>): Promise<T> {
  try {
    return await write(options);
  } catch (thrown) {
    const error = asCheckoutError(thrown);
    if (!(error instanceof StripeRefusal)) throw error;
    const found = await options.find(false);
    if (found === undefined) throw error;
    return found;
  }
}
