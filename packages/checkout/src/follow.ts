import { listen, type Realtime, type Topic } from "./channel.ts";
import { CheckoutError } from "./errors.ts";
import { isOver, isSnapshotOf } from "./snapshot.ts";
import type { Snapshot } from "./types.ts";

export interface FollowOptions {
  readonly sessionId: string;
  /** Where messages come from; without it, status is polled. */
  readonly realtime?: { readonly supabase: Realtime; readonly topic: Topic } | undefined;
  /** Reads the snapshot over HTTPS. */
  read(signal: AbortSignal): Promise<Snapshot>;
  /** Called with each newer version, never with an older one. */
  onSnapshot(snapshot: Snapshot): void;
  /** Called once where it ends by itself: with an error, where there is no such session. */
  onEnd(error?: CheckoutError): void;
  /** Whether it goes on after the end of the checkout, for what becomes of the subscription. */
  readonly beyondEnd?: boolean | undefined;
}

/** Milliseconds between two reads while the channel is down, doubling from the first to the last. */
const BACK_OFF = { first: 500, last: 15_000 };
/** The last where the session has expired: money that lands late is rare, and a tab may be left open for weeks. */
const RARE = 3_600_000;
/** While the channel is up: a server that lost its own source stays silent without closing. */
const UP = 20_000;
/** A join is acknowledged a little before the channel delivers; what fell between is read after this. */
const LIVE_AFTER = 1_000;
/** A success that the channel has told of is read for this often, and shown after so long where no read answers: it is true all the same. */
const SUCCESS = { again: 100, shown: 10_000 };

/**
 * Follows a session until it ends or is stopped: Realtime tells, and status is read once subscribed, after each reconnect,
 * where a message was missed, where a success is told, and with back-off while the channel is down.
 */
export class Follower {
  readonly #options: FollowOptions;
  readonly #gone = new AbortController();
  readonly #leave: () => Promise<void>;
  #latest: Snapshot | undefined;
  /** The version of the newest success that the channel has told of. */
  #succeededAt = 0;
  #showSuccess: ReturnType<typeof setTimeout> | undefined;
  #up = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: FollowOptions) {
    this.#options = options;
    const { realtime } = options;
    this.#leave = realtime === undefined
      ? () => Promise.resolve()
      : listen(realtime.supabase, realtime.topic, {
        message: (payload) => this.#take(payload),
        state: (up) => this.#turn(up),
      });
    // Should the channel never come up, the page is told all the same.
    if (!this.#up) this.#readIn(realtime === undefined ? 0 : BACK_OFF.first);
  }

  async stop(): Promise<void> {
    this.#gone.abort();
    clearTimeout(this.#timer);
    clearTimeout(this.#showSuccess);
    await this.#leave();
  }

  #end(error?: CheckoutError): void {
    if (this.#gone.signal.aborted) return;
    void this.stop();
    told(() => this.#options.onEnd(error));
  }

  /**
   * A message of the channel, which is read for once more where one before it was missed. A success is shown once a read shows it too: the
   * channel is fed from the write-ahead log, which has a commit before other connections see it, and whoever is told of a success asks at
   * once for what was bought. https://github.com/Trendyol/go-pq-cdc/pull/167
   */
  #take(payload: unknown): void {
    const known = this.#version;
    if (!isSnapshotOf(this.#options.sessionId)(payload) || payload.version <= known) return;
    if (payload.status !== "succeeded") {
      this.#show(payload);
      if (known > 0 && payload.version > known + 1) this.#readIn(0);
    } else if (payload.version > this.#succeededAt) {
      this.#succeededAt = payload.version;
      clearTimeout(this.#showSuccess);
      this.#showSuccess = setTimeout(() => this.#show(payload), SUCCESS.shown);
      this.#readIn(0);
    }
  }

  /** Of what was shown last; versions begin with 1. */
  get #version(): number {
    return this.#latest?.version ?? 0;
  }

  #show(next: Snapshot): void {
    if (this.#gone.signal.aborted) return;
    if (next.version <= this.#version) return;
    this.#latest = next;
    this.#failures = 0;
    told(() => this.#options.onSnapshot(next));
    if (isOver(next) && this.#options.beyondEnd !== true) this.#end();
  }

  #turn(up: boolean): void {
    const was = this.#up;
    this.#up = up;
    if (up) {
      this.#failures = 0;
      void this.#read(LIVE_AFTER);
    } else if (was) this.#readIn(0);
  }

  #readIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (this.#gone.signal.aborted) return;
    this.#timer = setTimeout(() => void this.#read(), milliseconds);
  }

  /** And again after so many milliseconds at most, unless the service asks for more patience. */
  async #read(atMost = Infinity): Promise<void> {
    let patience = 0;
    try {
      const next = await this.#options.read(this.#gone.signal);
      this.#failures = this.#up && next.status !== "expired" ? 0 : this.#failures + 1;
      this.#show(next);
      if (this.#version < this.#succeededAt) return this.#readIn(SUCCESS.again);
    } catch (error) {
      if (isHopeless(error)) return this.#end(error);
      this.#failures += 1;
      if (error instanceof CheckoutError) patience = (error.retryAfter ?? 0) * 1_000;
    }
    const last = this.#latest?.status === "expired" ? RARE : BACK_OFF.last;
    const wait = this.#up && this.#failures === 0
      ? UP
      : Math.min(last, BACK_OFF.first * 2 ** this.#failures);
    this.#readIn(Math.max(Math.min(wait, atMost), patience));
  }
}

/**
 * Calls the app. What it throws is its own: it is reported as what a listener of the browser's throws, and stops neither this watch nor
 * another one. https://html.spec.whatwg.org/multipage/webappapis.html#report-the-exception
 */
function told(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Refused for good: there is no such session. What else fails may pass, a page of somebody else's in its place too. */
function isHopeless(error: unknown): error is CheckoutError {
  return error instanceof CheckoutError &&
    ["session_not_found", "invalid_request"].includes(error.code);
}
