import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  createClient,
  type RealtimeChannel,
  type RealtimeClientOptions,
  type SupabaseClient,
} from "@supabase/supabase-js";
import { SignJWT } from "jose";
import { Pool } from "pg";
import { WebSocket } from "ws";
import * as z from "zod";
import { nodeTransport } from "../../../stack/realtime/node-transport.ts";
import { type Postgres, startPostgres } from "../../../stack/postgres/index.ts";
import { MAKE_PARTITIONS } from "../../../stack/realtime/partitions.ts";
import {
  type Realtime,
  type RealtimeOptions,
  startRealtime,
} from "../../../stack/realtime/index.ts";

const jwtSecret = randomBytes(32).toString("base64url");
/** As PostgREST and Realtime are told it. */
const keySet = {
  keys: [{ kty: "oct", k: Buffer.from(jwtSecret).toString("base64url"), alg: "HS256" }],
};

/** A database, a Realtime server on it, and what tests do with them. */
export interface World {
  readonly postgres: Postgres;
  readonly realtime: Realtime;
  /** As `postgres`: what migrations run as. */
  readonly owner: Pool;
  readonly superuser: Pool;
  /** A further server on the same database. */
  serve(options: Partial<RealtimeOptions>): Promise<Realtime>;
  client(options?: ClientOptions): Promise<Client>;
  /** Sends as a trigger would: `realtime.send` in a transaction of its own. */
  send(topic: string, payload: object, isPrivate?: boolean): Promise<void>;
  close(): Promise<void>;
}

interface ClientOptions extends RealtimeClientOptions {
  readonly server?: Realtime;
  /** The API key; an anonymous JWT by default. */
  readonly key?: string;
}

export type Client = SupabaseClient;

/** @param isNew no client has ever joined */
export async function openWorld({ isNew = false } = {}): Promise<World> {
  const postgres = await startPostgres();
  const owner = new Pool({ connectionString: postgres.databaseUrl, max: 2 });
  const superuser = new Pool({ connectionString: postgres.superuserUrl, max: 1 });
  for (const pool of [owner, superuser]) pool.on("error", () => {});
  await owner.query(policies);
  if (!isNew) await superuser.query(MAKE_PARTITIONS);
  const servers: Realtime[] = [];
  const clients: Client[] = [];
  const serve: World["serve"] = async (options) => {
    const server = await startRealtime({
      databaseUrl: postgres.superuserUrl,
      keys: keySet,
      ...options,
    });
    servers.push(server);
    return server;
  };
  const realtime = await serve({});
  return {
    postgres,
    realtime,
    owner,
    superuser,
    serve,
    client: async ({ server = realtime, key, ...options } = {}) => {
      const client = createClient(server.url.replace("ws:", "http:"), key ?? await token({}), {
        auth: { persistSession: false, autoRefreshToken: false },
        realtime: { transport: nodeTransport, ...options },
      });
      clients.push(client);
      return client;
    },
    send: async (topic, payload, isPrivate = true) => {
      await owner.query("select realtime.send($1, 'update', $2, $3)", [payload, topic, isPrivate]);
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.removeAllChannels()));
      await Promise.all(servers.map((server) => server.close()));
      await Promise.all([owner.end(), superuser.end()]);
      await postgres.stop();
    },
  };
}

/**
 * `room:1` and `room:2` are open to readers, `user:<sub>` to that user, `chat` to writers too;
 * `drop` may be written and not read; a join of `broken` makes a policy fail.
 */
const policies = `
  create policy rooms on realtime.messages for select to anon, authenticated
    using (extension = 'broadcast' and realtime.topic() in ('room:1', 'room:2', 'chat'));
  create policy own on realtime.messages for select to authenticated
    using (realtime.topic() = 'user:' || (auth.jwt() ->> 'sub'));
  create policy chat on realtime.messages for insert to authenticated
    with check (realtime.topic() in ('chat', 'drop'));
  create policy broken on realtime.messages for select to anon, authenticated
    using (realtime.topic() = 'broken' and 1 / (length(realtime.topic()) - 6) > 0);
`;

interface TokenOptions {
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Seconds from now; `null` for a token without `exp`. */
  readonly expiresIn?: number | null;
  readonly secret?: string;
  readonly alg?: string;
}

export function token(options: TokenOptions): Promise<string> {
  const { claims = { role: "anon" }, expiresIn = 600, secret = jwtSecret, alg = "HS256" } = options;
  const jwt = new SignJWT({ ...claims }).setProtectedHeader({ alg, typ: "JWT" });
  if (expiresIn !== null) jwt.setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn);
  return jwt.sign(new TextEncoder().encode(secret));
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A JWT that claims much and is signed by nobody. */
export function unsignedToken(): string {
  return `${part({ alg: "none", typ: "JWT" })}.${part({ role: "service_role", exp: 4102444800 })}.`;
}

const system = z.object({ extension: z.string(), status: z.string(), message: z.string() });
const received = z.looseObject({ event: z.string(), payload: z.unknown() });

/** A channel with all that happened on it. */
export interface Joined {
  readonly channel: RealtimeChannel;
  /** SUBSCRIBED, CHANNEL_ERROR, …, in order. */
  readonly statuses: string[];
  readonly errors: string[];
  /** Broadcast payloads, without the `id` that `realtime.send` adds. */
  readonly payloads: unknown[];
  readonly messages: z.infer<typeof received>[];
  readonly system: z.infer<typeof system>[];
}

interface JoinOptions {
  readonly private?: boolean;
  readonly self?: boolean;
  readonly ack?: boolean;
  /** Whether to wait until messages reach the channel; true by default. */
  readonly live?: boolean;
}

/** Subscribes; resolves when messages reach the channel, or the join was refused. */
export async function join(
  client: Client,
  topic: string,
  options: JoinOptions = {},
): Promise<Joined> {
  const { private: isPrivate = true, self = false, ack = false, live = true } = options;
  const channel = client.channel(topic, {
    config: { private: isPrivate, broadcast: { self, ack, replication_ready: live } },
  });
  const joined: Joined = {
    channel,
    statuses: [],
    errors: [],
    payloads: [],
    messages: [],
    system: [],
  };
  channel.on("broadcast", { event: "*" }, (message: unknown) => {
    const parsed = received.parse(message);
    joined.messages.push(parsed);
    joined.payloads.push(withoutId(parsed.payload));
  });
  await new Promise<void>((resolve) => {
    channel.on("system", {}, (message: unknown) => {
      joined.system.push(system.parse(message));
      if (live) resolve();
    });
    channel.subscribe((status, error) => {
      const name: string = status;
      joined.statuses.push(name);
      if (error !== undefined) joined.errors.push(error.message);
      if (name !== "SUBSCRIBED" || !live) resolve();
    });
  });
  return joined;
}

function withoutId(payload: unknown): unknown {
  if (typeof payload !== "object" || payload === null) return payload;
  return Object.fromEntries(Object.entries(payload).filter(([name]) => name !== "id"));
}

/** For `expect.poll`: long enough for a busy machine. */
export const soon = { timeout: 180_000, interval: 20 };

/** A bare socket that speaks 2.0.0 arrays, for what no well-behaved client would send. */
export interface RawSocket {
  send(...frame: unknown[]): void;
  sendRaw(data: string | Buffer): void;
  /** The next frame for which the test holds. */
  next(test: (frame: unknown[]) => boolean): Promise<unknown[]>;
  readonly closed: Promise<number>;
  close(): void;
}

export async function openRaw(server: Realtime, key: string): Promise<RawSocket> {
  const query = new URLSearchParams({ apikey: key, vsn: "2.0.0" });
  const socket = new WebSocket(`${server.url}/realtime/v1/websocket?${query.toString()}`);
  const frames: unknown[][] = [];
  const waiting = new Set<() => void>();
  socket.on("message", (data) => {
    const text = Buffer.isBuffer(data) ? data.toString("utf8") : "";
    frames.push(z.array(z.unknown()).parse(JSON.parse(text)));
    for (const look of waiting) look();
  });
  const closed = new Promise<number>((resolve) => {
    socket.on("close", resolve);
  });
  await once(socket, "open");
  return {
    closed,
    send: (...frame) => socket.send(JSON.stringify(frame)),
    sendRaw: (data) => socket.send(data),
    next: (test) =>
      new Promise((resolve) => {
        const look = (): void => {
          const index = frames.findIndex(test);
          if (index === -1) return;
          waiting.delete(look);
          resolve(frames.splice(index, 1)[0] ?? []);
        };
        waiting.add(look);
        look();
      }),
    close: () => socket.close(),
  };
}

export const reason = (text: string) => ({ status: "error", response: { reason: text } });
