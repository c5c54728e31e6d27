/**
 * Inserts into `realtime.messages` as they commit, read from the write-ahead log.
 *
 * The slot is temporary, as the real server's is: Postgres drops it with the connection, so that a
 * killed stack leaves none that would hold back the log. The price, also the real server's: what
 * commits between the loss of the connection and the next slot is not delivered to anyone.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import { LogicalReplicationService, PgoutputPlugin } from "pg-logical-replication";
import * as z from "zod";

/** A row of `realtime.messages` that is to be delivered. */
export interface DatabaseMessage {
  readonly id: string;
  readonly topic: string;
  readonly event: string;
  readonly private: boolean;
  readonly payload: unknown;
}

export interface Replication {
  /** Resolves at once while streaming, else when the stream is next up; rejects after the time. */
  live(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

const publication = "supabase_realtime_messages_publication";
const slotPrefix = "supabase_realtime_messages_replication_slot_";

/** Rows without event or payload (the probes of other servers, say) are not for delivery. */
const insertedMessage = z.object({
  tag: z.literal("insert"),
  relation: z.object({ schema: z.literal("realtime"), name: z.string().startsWith("messages") }),
  new: z.object({
    id: z.string(),
    topic: z.string(),
    event: z.string(),
    private: z.boolean(),
    payload: z.unknown().refine((value) => value !== null && value !== undefined),
  }),
});

/** Makes its slot on the connection that streams it: a temporary slot belongs to its session. */
class TemporarySlotPlugin extends PgoutputPlugin {
  override async start(client: pg.Client, slot: string, lastLsn: string): Promise<unknown> {
    await client.query(
      `CREATE_REPLICATION_SLOT "${slot}" TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`,
    );
    return super.start(client, slot, lastLsn);
  }
}

export function startReplication(
  databaseUrl: string,
  deliver: (message: DatabaseMessage) => void,
): Replication {
  const stopping = new AbortController();
  let streaming = false;
  let service: LogicalReplicationService | undefined;
  const waiting = new Set<() => void>();

  const stream = async (): Promise<void> => {
    const current = new LogicalReplicationService(
      { connectionString: databaseUrl, application_name: "realtime_replication_connection" },
      // By the clock: an answer to each change would be one for every message.
      { acknowledge: { auto: false, timeoutSeconds: 10 } },
    );
    service = current;
    current.on("error", () => {}); // the same failure rejects subscribe()
    current.on("start", async () => {
      if (stopping.signal.aborted) {
        await current.stop();
        return;
      }
      streaming = true;
      for (const wake of waiting) wake();
      waiting.clear();
    });
    current.on("data", (_lsn: string, change: unknown) => {
      const parsed = insertedMessage.safeParse(change);
      if (parsed.success) deliver(parsed.data.new);
    });
    // Postgres asks for an answer before it shuts down, and waits for it.
    current.on("heartbeat", async (lsn, _time, shouldRespond) => {
      if (shouldRespond) await current.acknowledge(lsn);
    });
    try {
      const slot = slotPrefix + randomBytes(8).toString("hex");
      await current.subscribe(
        new TemporarySlotPlugin({ protoVersion: 1, publicationNames: [publication] }),
        slot,
      );
    } finally {
      streaming = false;
      await current.destroy().catch(() => {});
    }
  };

  const run = async (): Promise<void> => {
    let wait = 50;
    while (!stopping.signal.aborted) {
      const began = Date.now();
      await stream().catch(() => {});
      if (Date.now() - began > 5_000) wait = 50;
      await delay(wait, undefined, { signal: stopping.signal }).catch(() => {});
      wait = Math.min(wait * 2, 2_000);
    }
  };
  const finished = run();

  return {
    live: (timeoutMs) => {
      if (streaming) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(wake);
          reject(new Error("Replication connection was not established in time"));
        }, timeoutMs);
        const wake = (): void => {
          clearTimeout(timer);
          resolve();
        };
        waiting.add(wake);
      });
    },
    close: async () => {
      stopping.abort();
      await service?.stop().catch(() => {});
      await finished;
    },
  };
}
