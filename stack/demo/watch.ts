import { createClient, REALTIME_SUBSCRIBE_STATES } from "@supabase/supabase-js";
import { type Snapshot, snapshot } from "../../shared/contract/snapshot.ts";
import { nodeTransport } from "../realtime/node-transport.ts";

export interface Watch {
  /** Settles at the first snapshot that the test accepts. */
  until(accept: (snapshot: Snapshot) => boolean, timeoutMs: number): Promise<Snapshot>;
  close(): Promise<void>;
}

/**
 * Joins a session's private channel with the real client and the publishable key, as a browser does.
 * Answers once joined.
 */
export async function watchCheckout(options: {
  readonly apiUrl: string;
  readonly publishableKey: string;
  readonly topic: string;
  readonly event: string;
  readonly onSnapshot: (snapshot: Snapshot) => void;
}): Promise<Watch> {
  const client = createClient(options.apiUrl, options.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: nodeTransport },
  });
  const seen: Snapshot[] = [];
  const waiting = new Set<() => void>();
  const channel = client.channel(options.topic, { config: { private: true } })
    .on("broadcast", { event: options.event }, (message) => {
      const parsed = snapshot.safeParse(message["payload"]);
      if (!parsed.success) return;
      seen.push(parsed.data);
      options.onSnapshot(parsed.data);
      for (const wake of waiting) wake();
    });
  const close = async () => {
    await client.removeAllChannels();
  };
  try {
    await new Promise<void>((resolve, reject) => {
      channel.subscribe((status, error) => {
        if (status === REALTIME_SUBSCRIBE_STATES.SUBSCRIBED) resolve();
        else reject(new Error(`Realtime: ${status}${error ? `, ${error.message}` : ""}`));
      });
    });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    until: (accept, timeoutMs) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = seen.find(accept);
          if (found === undefined) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found);
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`Realtime brought no such snapshot within ${timeoutMs / 1000} s`));
        }, timeoutMs);
        waiting.add(look);
        look();
      }),
    close,
  };
}
