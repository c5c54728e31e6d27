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

/** The same, one snapshot after the other; it begins with the first that is asked for. */
export async function* snapshotsOf(
  source: Source,
  { signal, beyondEnd }: WatchOptions,
): AsyncGenerator<Snapshot, void, undefined> {
  const waiting: Snapshot[] = [];
  let wake: (() => void) | undefined;
  let ended = false;
  let failure: CheckoutError | undefined;
  const abort = () => wake?.();
  signal?.throwIfAborted();
  signal?.addEventListener("abort", abort);
  const follower = new Follower({
    ...source,
    beyondEnd,
    onSnapshot: (snapshot) => {
      waiting.push(snapshot);
      wake?.();
    },
    onEnd: (error) => {
      ended = true;
      failure = error;
      wake?.();
    },
  });
  try {
    for (;;) {
      signal?.throwIfAborted();
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else if (failure !== undefined) throw failure;
      else if (ended) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    // Whoever iterates need not wait until the channel is left.
    void follower.stop();
  }
}
