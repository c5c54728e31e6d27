/** A local stand-in for the platform's Realtime server; README.md lists how it differs. */
import { createServer, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { JSONWebKeySet } from "jose";
import { WebSocketServer } from "ws";
import { listening } from "../process/listening.ts";
import { createAuthorizer } from "./authorization.ts";
import { broadcastEndpoint } from "./http.ts";
import { Hub } from "./hub.ts";
import { startReplication } from "./replication.ts";
import type { Limits, ServerContext } from "./server-context.ts";
import { type Handshake, RealtimeSocket } from "./socket.ts";
import { tokenVerifier } from "./tokens.ts";

export interface RealtimeOptions extends Partial<Limits> {
  /** As a role that may replicate, bypass row security and become any role: a superuser. */
  readonly databaseUrl: string;
  /** What the project's JWTs are signed with. */
  readonly keys: JSONWebKeySet;
  /** Opaque API keys and the JWTs that they stand for, where no gateway has exchanged them. */
  readonly apiKeys?: Readonly<Record<string, string>>;
  /** A free port by default. */
  readonly port?: number;
}

export interface Realtime {
  /** `ws://127.0.0.1:<port>`; sockets open at any path that ends in `/websocket`. */
  readonly url: string;
  /** Cuts every socket, as a restart of the server or a lost network would. */
  dropConnections(): void;
  close(): Promise<void>;
}

const defaults: Limits = {
  allowPublic: true,
  liveDelayMs: 25,
  maxMessageBytes: 256 * 1024,
  maxChannelsPerSocket: 100,
  maxMessagesPerSecond: 100,
  idleTimeoutMs: 60_000,
  replicationReadyTimeoutMs: 10_000,
};

/** Starts listening once database messages flow; throws where they do not within 15 seconds. */
export async function startRealtime(options: RealtimeOptions): Promise<Realtime> {
  const { databaseUrl, keys, apiKeys = {}, port = 0, ...limits } = options;
  const hub = new Hub();
  const replication = startReplication(databaseUrl, (message) => {
    hub.deliver(`realtime:${message.topic}`, message.private, {
      json: {
        type: "broadcast",
        event: message.event,
        payload: message.payload,
        meta: { id: message.id },
      },
    });
  });
  const authorizer = createAuthorizer(databaseUrl);
  const context: ServerContext = {
    hub,
    authorizer,
    replication,
    verifyToken: tokenVerifier(keys),
    limits: { ...defaults, ...limits },
  };
  const resolveKey = (key: string) =>
    (Object.hasOwn(apiKeys, key) ? apiKeys[key] : undefined) ?? key;

  const http = createServer(broadcastEndpoint(context, resolveKey));
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: context.limits.maxMessageBytes,
  });
  http.on("upgrade", (request, stream, head) => {
    stream.on("error", () => stream.destroy());
    shakeHands(context, resolveKey, request).then(
      (handshake) =>
        sockets.handleUpgrade(request, stream, head, (connection) => {
          new RealtimeSocket(context, connection, handshake).listen();
        }),
      () => refuse(stream),
    );
  });

  const dropConnections = (): void => {
    for (const connection of sockets.clients) connection.terminate();
  };
  const endDatabase = () => Promise.all([replication.close(), authorizer.close()]);
  try {
    await replication.live(15_000);
    const listener = await listening(http, port);
    let closing: Promise<void> | undefined;
    const shutDown = async (): Promise<void> => {
      dropConnections();
      await Promise.all([listener.close(), endDatabase()]);
    };
    return {
      url: listener.url.replace("http:", "ws:"),
      dropConnections,
      close: () => closing ??= shutDown(),
    };
  } catch (error) {
    await endDatabase();
    throw error;
  }
}

/** Rejects where the path is not a socket's or the API key is no valid JWT. */
async function shakeHands(
  context: ServerContext,
  resolveKey: (key: string) => string,
  request: IncomingMessage,
): Promise<Handshake> {
  const url = new URL(request.url ?? "/", "http://localhost");
  if (!url.pathname.endsWith("/websocket")) throw new Error("not a socket's path");
  const header = request.headers["x-api-key"];
  const shown = typeof header === "string" ? header : url.searchParams.get("apikey");
  const token = resolveKey(shown ?? "");
  await context.verifyToken(token);
  const version = url.searchParams.get("vsn") === "2.0.0" ? "2.0.0" : "1.0.0";
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    name.startsWith("x-") && typeof value === "string" ? [[name, value] as const] : []
  );
  return { version, token, headers: Object.fromEntries(headers) };
}

function refuse(stream: Duplex): void {
  stream.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}
