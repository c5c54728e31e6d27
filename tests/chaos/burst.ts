import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { CheckoutRequestError } from "../../shared/client/request.ts";
import type { CreateResponse } from "../../shared/contract/create.ts";
import type { Shop } from "../support/shop.ts";

/** As long as an outage may last before a caller gives up, in milliseconds. */
const PATIENCE = 60_000;

export interface Burst {
  /** How many checkouts have come to an active subscription so far. */
  readonly paid: number;
  /** How often a caller was told to come again. */
  readonly retries: number;
  /** Whether it has ended, well or not. */
  readonly over: boolean;
  /** Settles when all have; throws what a caller was told that it must not be told. */
  readonly done: Promise<readonly CreateResponse[]>;
}

/** Many customers at once, each of whom retries as an SDK does until the subscription is there. */
export function startBurst(shop: Shop, size: number, atOnce: number): Burst {
  const state = { paid: 0, retries: 0, over: false };
  const persist = <T>(call: () => Promise<T>) => persistently(call, () => state.retries += 1);
  const sessions: CreateResponse[] = [];
  let begun = 0;

  const checkOut = async (number: number) => {
    const user = randomUUID();
    const token = await persist(() => shop.token(user));
    const session = await persist(() =>
      shop.client.create(token, { priceId: shop.pro.priceId }, `burst-${number}`)
    );
    sessions.push(session);
    // Every third customer's browser pays at Stripe itself, and our confirm only hears of it.
    if (number % 3 === 0) await shop.payInBrowser(session);
    await persist(async () => {
      const answer = await shop.pay(session);
      if (!answer.success) throw new Unfinished(answer.status);
    });
    state.paid += 1;
  };
  const work = async () => {
    while (begun < size) {
      begun += 1;
      await checkOut(begun);
    }
  };
  const done = Promise.all(Array.from({ length: atOnce }, work)).then(() => sessions).finally(
    () => {
      state.over = true;
    },
  );
  // Whoever breaks things meanwhile waits for it later.
  done.catch(() => undefined);
  return {
    get paid() {
      return state.paid;
    },
    get retries() {
      return state.retries;
    },
    get over() {
      return state.over;
    },
    done,
  };
}

/** Paid, but not yet a subscription: asked again. */
class Unfinished extends Error {}

async function persistently<T>(call: () => Promise<T>, onRetry: () => void): Promise<T> {
  const until = Date.now() + PATIENCE;
  for (let wait = 100;; wait = Math.min(2_000, wait * 2)) {
    try {
      return await call();
    } catch (error) {
      const passes = error instanceof Unfinished ||
        (error instanceof CheckoutRequestError &&
          (error.status === 0 || error.status === 429 || error.status >= 500));
      if (!passes || Date.now() > until) throw error;
      onRetry();
      await sleep(wait * (0.5 + Math.random()));
    }
  }
}
