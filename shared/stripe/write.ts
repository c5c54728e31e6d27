import Stripe from "stripe";
import { retry, RetryError } from "deno-std/async/retry.js";
import { asCheckoutError, StripeRefusal } from "./errors.ts";

/** How many keys a write may use up; see `write`. */
const GENERATIONS = 4;

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
      isRetriable: (error) => error instanceof Stripe.errors.StripeRateLimitError,
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

/** Whether the key will never carry this write: Stripe keeps a 500, or other parameters, under it for a day. */
function isSpent(error: unknown): boolean {
  if (error instanceof Stripe.errors.StripeIdempotencyError) return true;
  return error instanceof Stripe.errors.StripeError && (error.statusCode ?? 0) >= 500 &&
    error.headers?.["idempotent-replayed"] === "true";
}

export interface Write<T> {
  readonly idempotencyKey: string;
  readonly run: (idempotencyKey: string) => Promise<T>;
  /**
   * Looks, in a way that is consistent at once, for what an unclear answer may have left. `isKnown` says that the key is
   * known to Stripe with other parameters: an earlier call under it has been carried out.
   */
  readonly find: (isKnown: boolean) => Promise<T | undefined>;
}

/**
 * A call that changes something, at most once. An unclear answer (connection lost, 5xx, a key that was used with other
 * parameters) is settled by looking. A key that Stripe holds a 500 or other parameters under would block the retry for a
 * day, so the next key of the series is used, by every caller in the same order and only after looking. Throws what
 * Stripe's package throws.
 */
export async function write<T>({ idempotencyKey, run, find }: Write<T>): Promise<T> {
  for (let generation = 1;; generation += 1) {
    const key = generation === 1 ? idempotencyKey : `${idempotencyKey}:${generation}`;
    try {
      return await patient(() => run(key));
    } catch (error) {
      const isKnown = error instanceof Stripe.errors.StripeIdempotencyError;
      if (!isUnclear(error) && !isKnown) throw error;
      const found = await find(isKnown);
      if (found !== undefined) return found;
      if (generation === GENERATIONS || !isSpent(error)) throw error;
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
