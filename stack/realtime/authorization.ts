/**
 * Who may read or write a private topic, asked of the row level security policies of
 * `realtime.messages` as the real server asks (supabase/realtime,
 * `lib/realtime/tenants/authorization.ex`): nothing is kept, every probe is rolled back.
 */
import { DatabaseError, Pool, type PoolClient } from "pg";
import { MAKE_PARTITIONS } from "./partitions.ts";
import { Refusal, unreadable } from "./refusal.ts";
import type { Claims } from "./tokens.ts";

export type Extension = "broadcast" | "presence";

export interface AuthorizationContext {
  /** The topic without its `realtime:` prefix: what `realtime.topic()` gives in a policy. */
  readonly topic: string;
  readonly claims: Claims;
  /** The `x-…` headers of the request that opened the socket. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Authorizer {
  /** Makes ready what a client that joins needs of the database. Throws Refusal. */
  provision(): Promise<void>;
  /** The extensions among those asked for whose probe rows the caller's role may see. Throws Refusal. */
  readable(
    context: AuthorizationContext,
    extensions: readonly Extension[],
  ): Promise<ReadonlySet<Extension>>;
  /** Whether the caller's role may insert a broadcast on the topic. Throws Refusal. */
  writable(context: AuthorizationContext): Promise<boolean>;
  close(): Promise<void>;
}

const insufficientPrivilege = "42501";

export function createAuthorizer(databaseUrl: string): Authorizer {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: 4,
    application_name: "realtime_authorization",
    connectionTimeoutMillis: 5_000,
  });
  // An idle connection lost to a database restart is replaced at the next probe.
  pool.on("error", () => {});

  let provisioned = "";

  return {
    async provision() {
      const day = new Date().toISOString().slice(0, 10);
      if (day === provisioned) return;
      await pool.query(MAKE_PARTITIONS).catch(() => {
        throw unavailable();
      });
      provisioned = day;
    },

    readable: (context, extensions) =>
      rolledBack(pool, context.topic, async (client) => {
        const probes = await client.query<{ id: string; extension: Extension }>(
          `insert into realtime.messages (topic, extension)
           select $1, unnest($2::text[]) returning id, extension`,
          [context.topic, extensions],
        );
        await become(client, context);
        const seen = await client.query<{ id: string }>(
          "select id from realtime.messages where topic = $1 and id = any($2::uuid[])",
          [context.topic, probes.rows.map((probe) => probe.id)],
        );
        const visible = new Set(seen.rows.map((row) => row.id));
        return new Set(
          probes.rows.filter((probe) => visible.has(probe.id)).map((probe) => probe.extension),
        );
      }),

    writable: (context) =>
      rolledBack(pool, context.topic, async (client) => {
        await become(client, context);
        try {
          // No RETURNING: it would ask the SELECT policies too.
          await client.query(
            "insert into realtime.messages (topic, extension) values ($1, 'broadcast')",
            [context.topic],
          );
          return true;
        } catch (error) {
          if (error instanceof DatabaseError && error.code === insufficientPrivilege) {
            return false;
          }
          throw error;
        }
      }),

    close: () => pool.end(),
  };
}

const unavailable = () =>
  new Refusal(
    "UnableToConnectToProject",
    "Realtime was unable to connect to the project database",
  );

async function become(client: PoolClient, context: AuthorizationContext): Promise<void> {
  await client.query(
    `select set_config('role', $1, true), set_config('realtime.topic', $2, true),
            set_config('request.jwt.claims', $3, true), set_config('request.headers', $4, true)`,
    [
      context.claims.role,
      context.topic,
      JSON.stringify(context.claims),
      JSON.stringify(context.headers),
    ],
  );
}

async function rolledBack<T>(
  pool: Pool,
  topic: string,
  probe: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect().catch(() => {
    throw unavailable();
  });
  try {
    await client.query("begin");
    const result = await probe(client);
    await client.query("rollback");
    client.release();
    return result;
  } catch (error) {
    // Thrown away rather than reused, so that no role set by the probe can outlive it.
    client.release(true);
    // Class 57 is the server going away; any other SQL error is a policy or a role that fails.
    const policyFailed = error instanceof DatabaseError && error.code?.startsWith("57") !== true;
    throw policyFailed ? unreadable(topic) : unavailable();
  }
}
