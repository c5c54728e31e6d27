import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { CheckoutError } from "@billingos/checkout";
import type { CreateResponse } from "../../shared/contract/create.ts";
import type { Shop } from "../support/shop.ts";

/** How long no caller at all may get anywhere before one gives up, in milliseconds: on a busy machine each call may take long. */
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
  let progressed = Date.now();
  /** Repeats a call until it succeeds, as an SDK does. */
  const persist = async <T>(call: () => Promise<T>): Promise<T> => {
    for (let wait = 100;; wait = Math.min(2_000, wait * 2)) {
      try {
        const answer = await call();
        progressed = Date.now();
        return answer;
      } catch (error) {
        if (!passes(error) || Date.now() > progressed + PATIENCE) throw error;
        state.retries += 1;
        await sleep(wait * (0.5 + Math.random()));
      }
    }
  };
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

const passes = (error: unknown): boolean =>
  error instanceof Unfinished ||
  (error instanceof CheckoutError &&
    (error.status === 0 || error.status === 429 || error.status >= 500));
