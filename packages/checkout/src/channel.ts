import type { RealtimeChannel, SupabaseClient } from "@supabase/supabase-js";

export type Realtime = Pick<SupabaseClient, "channel" | "removeChannel">;

/** As create answers it. */
export interface Topic {
  readonly topic: string;
  readonly event: string;
}

export interface Listener {
  /** Called with each message, and with whatever else was sent. */
  message(payload: unknown): void;
  /** Called when the channel comes up or goes down, and at once where it is up. */
  state(up: boolean): void;
}

/**
 * Milliseconds after which a channel that was closed is joined anew: after what has closed it, `removeAllChannels()`, has also hung up, which
 * ends what is joined before (@supabase/realtime-js, src/RealtimeClient.ts).
 */
const ANEW = 5_000;

/**
 * A channel for all who watch one session. supabase-js has one channel for a topic, which takes no listener once it has been
 * subscribed and is none again until it has been left (@supabase/realtime-js, src/RealtimeClient.ts and RealtimeChannel.ts).
 */
class SharedChannel {
  readonly #supabase: Realtime;
  readonly #topic: Topic;
  readonly #listeners = new Set<Listener>();
  #channel: RealtimeChannel | undefined;
  #leaving: Promise<void> | undefined;
  #anew: ReturnType<typeof setTimeout> | undefined;
  #up = false;

  constructor(supabase: Realtime, topic: Topic) {
    this.#supabase = supabase;
    this.#topic = topic;
  }

  /** Whether nobody listens and nothing is left to leave. */
  get isIdle(): boolean {
    return this.#listeners.size === 0 && this.#channel === undefined && this.#leaving === undefined;
  }

  /** Answers what ends it. */
  add(listener: Listener): () => Promise<void> {
    this.#listeners.add(listener);
    if (this.#up) listener.state(true);
    this.#join();
    return async () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) await this.#leave();
    };
  }

  #join(): void {
    if ((this.#channel ?? this.#leaving ?? this.#anew) !== undefined) return;
    const { topic, event } = this.#topic;
    const channel = this.#supabase.channel(topic, { config: { private: true } });
    this.#channel = channel;
    channel
      .on("broadcast", { event }, (message) => {
        for (const listener of this.#listeners) listener.message(message["payload"]);
      })
      .subscribe((status: string) => {
        if (this.#channel !== channel) return;
        // `REALTIME_SUBSCRIBE_STATES.SUBSCRIBED`, by its value: the library is the app's to load.
        this.#up = status === "SUBSCRIBED";
        // By the app, with all of its own, or by the server: it does not come back by itself.
        if (status === "CLOSED") {
          this.#channel = undefined;
          this.#anew = setTimeout(() => {
            this.#anew = undefined;
            this.#join();
          }, ANEW);
        }
        for (const listener of this.#listeners) listener.state(this.#up);
      });
  }

  async #leave(): Promise<void> {
    clearTimeout(this.#anew);
    this.#anew = undefined;
    const channel = this.#channel;
    if (channel === undefined) return this.#leaving;
    this.#channel = undefined;
    this.#up = false;
    this.#leaving = this.#supabase.removeChannel(channel).then(() => undefined, () => undefined);
    await this.#leaving;
    this.#leaving = undefined;
    // Who came meanwhile.
    if (this.#listeners.size > 0) this.#join();
  }
}

const channels = new WeakMap<Realtime, Map<string, SharedChannel>>();

/** Listens on a session's private channel. Answers what ends it; once the last has gone nothing of the channel is kept. */
export function listen(supabase: Realtime, topic: Topic, listener: Listener): () => Promise<void> {
  const known = channels.get(supabase) ?? new Map<string, SharedChannel>();
  channels.set(supabase, known);
  const shared = known.get(topic.topic) ?? new SharedChannel(supabase, topic);
  known.set(topic.topic, shared);
  const leave = shared.add(listener);
  return async () => {
    await leave();
    if (shared.isIdle && known.get(topic.topic) === shared) known.delete(topic.topic);
  };
}
