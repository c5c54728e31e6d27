import { createClient, REALTIME_SUBSCRIBE_STATES } from "@supabase/supabase-js";
import { type Snapshot, snapshot } from "../../shared/contract/snapshot.ts";
import { nodeTransport } from "../../stack/realtime/node-transport.ts";

/** A browser that listens to sessions and keeps what it is told, in the order of arrival. */
export class Listener {
  readonly #client;
  readonly #told = new Map<string, Snapshot[]>();

  constructor(options: { readonly apiUrl: string; readonly publishableKey: string }) {
    this.#client = createClient(options.apiUrl, options.publishableKey, {
      auth: { persistSession: false, autoRefreshToken: false },
      realtime: { transport: nodeTransport },
    });
  }

  async listen(realtime: { readonly topic: string; readonly event: string }): Promise<void> {
    if (this.#told.has(realtime.topic)) return;
    const told: Snapshot[] = [];
    this.#told.set(realtime.topic, told);
    await new Promise<void>((resolve) => {
      this.#client.channel(realtime.topic, { config: { private: true } })
        .on("broadcast", { event: realtime.event }, ({ payload }) => {
          told.push(snapshot.parse(payload));
        })
        .subscribe((status) => {
          if (status === REALTIME_SUBSCRIBE_STATES.SUBSCRIBED) resolve();
        });
    });
  }

  /** How many messages came. */
  get count(): number {
    return [...this.#told.values()].reduce((sum, { length }) => sum + length, 0);
  }

  violations(): string[] {
    return [...this.#told].flatMap(([topic, told]) =>
      told.some(({ version }, index) => index > 0 && version <= (told[index - 1]?.version ?? 0))
        ? [`versions rise as they arrive: ${topic} ${told.map(({ version }) => version).join()}`]
        : []
    );
  }

  async close(): Promise<void> {
    await this.#client.removeAllChannels();
  }
}
