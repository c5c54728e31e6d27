import type { Clock } from "../core/clock.ts";
import { StripeRefusal } from "../core/errors.ts";

/** What is said again to a request that comes with a key already used. */
export interface Answer {
  status: number;
  body: unknown;
}

interface Entry {
  method: string;
  path: string;
  params: string;
  at: number;
  answer?: Answer;
  requestId: string;
}

const KEPT_SECONDS = 24 * 3600;

/** Idempotency keys by account: https://docs.stripe.com/api/idempotent_requests */
export class IdempotencyKeys {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Takes the key for this request. Returns the saved answer when there is one; throws when the
   * key stands for another request (400), or for one still running (409).
   */
  begin(scope: string, key: string, request: Omit<Entry, "at" | "answer">): Entry | undefined {
    const entry = this.#current(scope, key);
    if (entry === undefined) {
      this.#entries.set(`${scope} ${key}`, { ...request, at: this.#clock.now() });
      return undefined;
    }
    if (entry.method !== request.method || entry.path !== request.path) {
      throw mismatch(
        `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${request.path}' vs '${entry.path}'). Try using a key other than '${key}' if you meant to execute a different request.`,
      );
    }
    if (entry.params !== request.params) {
      throw mismatch(
        `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
      );
    }
    if (entry.answer === undefined) {
      throw new StripeRefusal(409, {
        type: "invalid_request_error",
        code: "idempotency_key_in_use",
        message:
          `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
      }, false);
    }
    return entry;
  }

  /** Keeps the answer for 24 hours. */
  save(scope: string, key: string, answer: Answer): void {
    const entry = this.#entries.get(`${scope} ${key}`);
    if (entry !== undefined) entry.answer = answer;
  }

  /** Gives the key back: nothing was carried out under it. */
  release(scope: string, key: string): void {
    this.#entries.delete(`${scope} ${key}`);
  }

  clear(): void {
    this.#entries.clear();
  }

  prune(): void {
    const oldest = this.#clock.now() - KEPT_SECONDS;
    for (const [key, entry] of this.#entries) if (entry.at < oldest) this.#entries.delete(key);
  }

  #current(scope: string, key: string): Entry | undefined {
    const entry = this.#entries.get(`${scope} ${key}`);
    return entry !== undefined && entry.at >= this.#clock.now() - KEPT_SECONDS ? entry : undefined;
  }
}

function mismatch(message: string): StripeRefusal {
  return new StripeRefusal(400, { type: "idempotency_error", message }, false);
}
