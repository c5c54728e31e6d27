import {
  REALTIME_SUBSCRIBE_STATES,
  type RealtimeChannel,
  type SupabaseClient,
} from "@supabase/supabase-js";
import { type CheckoutStatus, type Snapshot, snapshot } from "../contract/snapshot.ts";

export interface WatchOptions {
  readonly supabase: Pick<SupabaseClient, "channel" | "removeChannel">;
  /** As create answers it. */
  readonly realtime: { readonly topic: string; readonly event: string };
  /** Reads the snapshot over HTTPS. */
  readonly read: () => Promise<Snapshot>;
  /** Called with each newer version, never with an older one. */
  readonly onSnapshot: (snapshot: Snapshot) => void;
}

export interface Watch {
  stop(): Promise<void>;
}

/** Milliseconds between two reads while the channel is down, doubling from the first to the last. */
const BACK_OFF = { first: 500, last: 15_000 };
/** While the channel is up: a server that lost its own source stays silent without closing. */
const UP = 20_000;
/** A join is acknowledged a little before the channel delivers; what fell between is read after this. */
const LIVE_AFTER = 1_000;

/** `expired` is not among them: money that lands late is still honored. */
const final: ReadonlySet<CheckoutStatus> = new Set(["succeeded", "failed", "canceled"]);

/**
 * Follows a session until it is stopped: Realtime tells, and status is read once subscribed, after each reconnect, and
 * with back-off while the channel is down.
 */
export function watchCheckout({ supabase, realtime, read, onSnapshot }: WatchOptions): Watch {
  let latest: Snapshot | undefined;
  let stopped = false;
  let up = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const take = (next: Snapshot) => {
    if (stopped || (latest !== undefined && next.version <= latest.version)) return;
    latest = next;
    onSnapshot(next);
  };
  const readIn = (milliseconds: number) => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void readNow(), milliseconds);
  };
  const readNow = async () => {
    try {
      take(await read());
      failures = up ? 0 : failures + 1;
    } catch {
      failures += 1;
    }
    if (latest !== undefined && final.has(latest.status)) return;
    const wait = Math.min(BACK_OFF.last, BACK_OFF.first * 2 ** failures);
    readIn(up && failures === 0 ? UP : wait);
  };

  const channel: RealtimeChannel = supabase
    .channel(realtime.topic, { config: { private: true } })
    .on("broadcast", { event: realtime.event }, (message) => {
      const parsed = snapshot.safeParse(message["payload"]);
      if (parsed.success) take(parsed.data);
    })
    .subscribe((status) => {
      const was = up;
      up = status === REALTIME_SUBSCRIBE_STATES.SUBSCRIBED;
      if (up) {
        failures = 0;
        void readNow().then(() => readIn(LIVE_AFTER));
      } else if (was) readIn(0);
    });
  // Should the channel never come up, the page is told all the same.
  readIn(BACK_OFF.first);

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await supabase.removeChannel(channel);
    },
  };
}
