import type { CheckoutClient, Watched } from "../client.ts";
import type { CheckoutError } from "../errors.ts";
import { isOver } from "../snapshot.ts";
import type { Snapshot } from "../types.ts";
import type { Watch } from "../watch.ts";

export interface Listener {
  onSnapshot(snapshot: Snapshot): void;
  /** There is no such session. */
  onError(error: CheckoutError): void;
}

interface Entry {
  readonly watch: Watch;
  readonly listeners: Set<Listener>;
  latest: Snapshot | undefined;
  /** It was confirmed, or may have been: what comes of it is not known yet. */
  isPaying: boolean;
  tell: ((snapshot: Snapshot) => void) | undefined;
}

/**
 * The sessions that the components below a provider follow: one watch for each. What is being paid is followed to its end also once the
 * last of them has gone, for the customer will have bought all the same.
 */
export class Followed {
  /** Which customer's they are: another one is told of none of them. */
  readonly turn: number;
  readonly #client: CheckoutClient;
  readonly #refresh: () => void;
  readonly #entries = new Map<string, Entry>();

  /** `refresh` has read anew what depends on what the customer has bought. */
  constructor(client: CheckoutClient, turn: number, refresh: () => void) {
    this.#client = client;
    this.turn = turn;
    this.#refresh = refresh;
  }

  /** Tells of a session from what is known of it to its end. Answers what leaves. */
  follow(session: Watched, listener: Listener): () => void {
    const entry = this.#entries.get(session.id) ?? this.#begin(session);
    entry.listeners.add(listener);
    if (entry.latest !== undefined) listener.onSnapshot(entry.latest);
    return () => {
      entry.listeners.delete(listener);
      this.#leaveIdle(session.id);
    };
  }

  /** Whether a confirm is on its way, or may have come to something. */
  setPaying(sessionId: string, isPaying: boolean): void {
    const entry = this.#entries.get(sessionId);
    if (entry === undefined) return;
    entry.isPaying = isPaying;
    this.#leaveIdle(sessionId);
  }

  /** Whom to tell once of a session's success, in the place of whom it was before. */
  onSuccess(sessionId: string, tell: (snapshot: Snapshot) => void): void {
    const entry = this.#entries.get(sessionId);
    if (entry !== undefined) entry.tell = tell;
  }

  stop(): void {
    for (const { watch } of this.#entries.values()) void watch.stop();
    this.#entries.clear();
  }

  #begin(session: Watched): Entry {
    const { id } = session;
    const entry: Entry = {
      listeners: new Set(),
      latest: undefined,
      isPaying: false,
      tell: undefined,
      watch: this.#client.watch(session, {
        onSnapshot: (snapshot) => {
          entry.latest = snapshot;
          for (const listener of entry.listeners) listener.onSnapshot(snapshot);
          if (snapshot.status === "succeeded") {
            this.#refresh();
            entry.tell?.(snapshot);
          } else this.#leaveIdle(id);
        },
        onEnd: (error) => {
          if (this.#entries.get(id) === entry) this.#entries.delete(id);
          if (error === undefined) return;
          for (const listener of entry.listeners) listener.onError(error);
        },
      }),
    };
    this.#entries.set(id, entry);
    return entry;
  }

  #leaveIdle(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.listeners.size > 0 || isUnderWay(entry)) return;
    this.#entries.delete(id);
    void entry.watch.stop();
  }
}

function isUnderWay({ isPaying, latest }: Entry): boolean {
  if (latest === undefined) return isPaying;
  // Of an expired one nothing is to be expected any more that would be worth a watch.
  if (isOver(latest) || latest.status === "expired") return false;
  return isPaying || latest.status !== "pending";
}
