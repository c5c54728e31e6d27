import { setTimeout as sleep } from "node:timers/promises";

/**
 * Requests in one second: half of what Stripe allows of one endpoint on one account, and of all of them in a sandbox (25 each;
 * 100 in all in live mode, https://docs.stripe.com/rate-limits). The other half is the shop's.
 */
export const HALF_OF_STRIPES_LIMIT = 12;
/** Requests that wait for an answer at a time: Stripe limits these too, and names no number. */
const AT_ONCE = 4;
/** How often one request is sent before its 429 is handed on; the waits below come to four minutes. */
const TRIES = 10;
/** Seconds. */
const LONGEST_WAIT = 60;
/** Milliseconds for one try. */
const TIMEOUT = 12_000;

/** Milliseconds for all tries and waits of one request, for the client that is given this fetch. */
export const PATIENCE = 600_000;

/** Stripe has asked to be left alone. */
export interface Pause {
  /** `global-rate`, `endpoint-rate` and so on; absent for a lock of one object: https://docs.stripe.com/rate-limits */
  readonly reason: string | undefined;
  readonly seconds: number;
}

/**
 * Seconds to wait after a 429. What the answer asks for, which Stripe does not document but the pinned package heeds
 * (`Retry-After`, stripe-node's `_getSleepTimeInMS`); else ever longer, as https://docs.stripe.com/rate-limits asks.
 *
 * @param tried how often the request was sent, from 1
 */
export function secondsToWait(retryAfter: string | null, tried: number): number {
  const asked = retryAfter === null || !/^\d+$/.test(retryAfter)
    ? 2 ** (tried - 1)
    : Number(retryAfter);
  return Math.min(asked, LONGEST_WAIT);
}

export interface Patience {
  readonly send?: typeof fetch;
  readonly perSecond?: number;
  /** Is told of each pause, where somebody looks on. */
  readonly onPause?: (pause: Pause) => void;
}

/** A `fetch` that keeps below a rate, and after a 429 sends nothing of anybody's until the wait is over. */
export function patientFetch(
  { send = fetch, perSecond = HALF_OF_STRIPES_LIMIT, onPause = () => {} }: Patience = {},
): typeof fetch {
  let next = 0;
  let free = AT_ONCE;
  const waiting: (() => void)[] = [];

  const enter = () =>
    new Promise<void>((resolve) => {
      if (free === 0) return void waiting.push(resolve);
      free -= 1;
      resolve();
    });
  const leave = () => {
    const first = waiting.shift();
    if (first === undefined) free += 1;
    else first();
  };
  const turn = async () => {
    // Again where a pause was asked for while this one waited.
    for (;;) {
      const now = performance.now();
      if (next <= now) {
        next = now + 1_000 / perSecond;
        return;
      }
      await sleep(next - now);
    }
  };

  return async (input, init) => {
    await enter();
    try {
      for (let tried = 1;; tried += 1) {
        await turn();
        const timeout = AbortSignal.timeout(TIMEOUT);
        const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
        const response = await send(input, { ...init, signal });
        if (response.status !== 429 || tried === TRIES) return response;
        await response.body?.cancel();
        const seconds = secondsToWait(response.headers.get("retry-after"), tried);
        next = Math.max(next, performance.now() + seconds * 1_000);
        onPause({
          reason: response.headers.get("stripe-rate-limited-reason") ?? undefined,
          seconds,
        });
      }
    } finally {
      leave();
    }
  };
}

/** A `fetch` that refuses whatever could change something at Stripe. */
export const readingOnly = (send: typeof fetch): typeof fetch => (input, init) => {
  const method = init?.method ?? "GET";
  if (method !== "GET") {
    return Promise.reject(new Error(`${method} was about to be sent to Stripe by what only reads`));
  }
  return send(input, init);
};
