import type { CheckoutError } from "./errors.ts";
import { Follower, type FollowOptions } from "./follow.ts";
import type { Snapshot } from "./types.ts";

export interface WatchOptions {
  /** Ends the watch: the iteration throws its reason, callbacks are not called any more. */
  readonly signal?: AbortSignal | undefined;
  /** Goes on after the end of the checkout, for what becomes of its subscription, until it is stopped. */
  readonly beyondEnd?: boolean | undefined;
}

export interface WatchCallbacks extends WatchOptions {
  /** Called with each newer version, never with an older one. */
  onSnapshot(snapshot: Snapshot): void;
  /** Called once where the watch ends by itself: after the final snapshot, or with the error that there is no such session. */
  onEnd?(error?: CheckoutError): void;
}

export interface Watch {
  /** Resolves once the channel is left. */
  stop(): Promise<void>;
}

type Source = Pick<FollowOptions, "sessionId" | "realtime" | "read">;

export function watchBy(source: Source, callbacks: WatchCallbacks): Watch {
  const { signal, beyondEnd } = callbacks;
  if (signal?.aborted === true) return { stop: () => Promise.resolve() };
  const abort = () => void watch.stop();
  const follower = new Follower({
    ...source,
    beyondEnd,
    onSnapshot: (snapshot) => callbacks.onSnapshot(snapshot),
    onEnd: (error) => {
      signal?.removeEventListener("abort", abort);
      callbacks.onEnd?.(error);
    },
  });
  const watch: Watch = {
    stop: () => {
      signal?.removeEventListener("abort", abort);
      return follower.stop();
    },
  };
  signal?.addEventListener("abort", abort);
  return watch;
}

/**
 * The same, one snapshot after the other; it begins with the first that is asked for. No generator: one that waits for a snapshot is not
 * left before there is one. https://tc39.es/ecma262/#sec-asyncgenerator-prototype-return
 */
export function snapshotsOf(
  source: Source,
  { signal, beyondEnd }: WatchOptions,
): AsyncIterableIterator<Snapshot> {
  type Answer = IteratorResult<Snapshot, undefined>;
  const waiting: Snapshot[] = [];
  const asked: ((answer: Answer | Promise<never>) => void)[] = [];
  let follower: Follower | undefined;
  let ended = false;
  let failure: { readonly reason: unknown } | undefined;

  const answer = () => {
    for (const resolve of asked.splice(0, ended ? asked.length : waiting.length)) {
      const value = waiting.shift();
      if (value !== undefined) resolve({ done: false, value });
      else {
        signal?.removeEventListener("abort", abort);
        resolve(failure === undefined ? done : Promise.reject(failure.reason));
        // It is told once.
        failure = undefined;
      }
    }
  };
  const end = (why?: { readonly reason: unknown }) => {
    ended = true;
    failure = why;
    // Whoever iterates need not wait until the channel is left.
    void follower?.stop();
    answer();
  };
  const abort = () => {
    waiting.length = 0;
    end({ reason: signal?.reason });
  };
  const begin = () => {
    if (signal?.aborted === true) return abort();
    signal?.addEventListener("abort", abort);
    follower = new Follower({
      ...source,
      beyondEnd,
      onSnapshot: (snapshot) => {
        waiting.push(snapshot);
        answer();
      },
      onEnd: (error) => end(error && { reason: error }),
    });
  };
  const snapshots: AsyncIterableIterator<Snapshot> = {
    [Symbol.asyncIterator]: () => snapshots,
    next: () =>
      new Promise((resolve) => {
        if (follower === undefined && !ended) begin();
        asked.push(resolve);
        answer();
      }),
    return: () => {
      waiting.length = 0;
      signal?.removeEventListener("abort", abort);
      end();
      return Promise.resolve(done);
    },
  };
  return snapshots;
}

const done = { done: true, value: undefined } as const;
