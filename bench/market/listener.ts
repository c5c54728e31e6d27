import { createClient } from "@supabase/supabase-js";
import * as z from "zod";
import { nodeTransport } from "../../stack/realtime/node-transport.ts";

const anyObject = z.record(z.string(), z.unknown());

/** A browser's end of Realtime: the published client, joined to one session's channel. */
export interface Listener {
  /** Milliseconds by `performance.now()` at which a message came that is accepted; rejects where none has come for a minute. */
  until(accept: (payload: Readonly<Record<string, unknown>>) => boolean): Promise<number>;
  close(): Promise<void>;
}

/** Answers once messages flow, which Realtime says where it is asked to. */
export async function listenTo(
  { apiUrl, publishableKey }: { readonly apiUrl: string; readonly publishableKey: string },
  { topic, event }: { readonly topic: string; readonly event: string },
): Promise<Listener> {
  const client = createClient(apiUrl, publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: nodeTransport },
  });
  const told: { readonly at: number; readonly payload: Record<string, unknown> }[] = [];
  let look: (() => void) | undefined;
  await new Promise<void>((resolve) => {
    client.channel(topic, { config: { private: true, broadcast: { replication_ready: true } } })
      .on("broadcast", { event }, (message: { readonly payload?: unknown }) => {
        told.push({ at: performance.now(), payload: anyObject.parse(message.payload) });
        look?.();
      })
      .on("system", {}, () => resolve())
      .subscribe();
  });
  return {
    until: (accept) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`no message came on ${topic}`)), 60_000);
        look = () => {
          const found = told.find(({ payload }) => accept(payload));
          if (found === undefined) return;
          clearTimeout(late);
          resolve(found.at);
        };
        look();
      }),
    close: async () => {
      await client.removeAllChannels();
    },
  };
}
