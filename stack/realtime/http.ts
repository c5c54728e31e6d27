/**
 * Broadcast over HTTP, which supabase-js uses where a channel is not joined. As on the real server
 * the answer is 202 whether or not a policy let a private message through: the caller learns nothing.
 */
import type { IncomingMessage, RequestListener } from "node:http";
import * as z from "zod";
import { Refusal } from "./refusal.ts";
import type { ServerContext } from "./server-context.ts";
import type { Claims } from "./tokens.ts";

const message = z.object({
  topic: z.string().min(1),
  event: z.string().min(1),
  payload: z.record(z.string(), z.unknown()),
  private: z.boolean().default(false),
});
const batch = z.object({ messages: z.array(message).min(1).max(100) });
type Message = z.infer<typeof message>;

const path = /\/api\/broadcast(?:\/([^/]+)\/events\/([^/]+))?\/?$/;

class HttpError extends Error {
  readonly status: number;
  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

/** @param resolveKey turns an opaque API key into the JWT that it stands for */
export function broadcastEndpoint(
  server: ServerContext,
  resolveKey: (key: string) => string,
): RequestListener {
  return (request, response) => {
    handle(server, resolveKey, request).then(
      () => response.writeHead(202).end(),
      (error: unknown) => {
        const [status, text] = error instanceof HttpError
          ? [error.status, error.message]
          : [500, "internal error"];
        response.writeHead(status, { "content-type": "application/json", connection: "close" });
        response.end(JSON.stringify({ message: text }));
      },
    );
  };
}

async function handle(
  server: ServerContext,
  resolveKey: (key: string) => string,
  request: IncomingMessage,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const match = path.exec(url.pathname);
  if (match === null) throw new HttpError(404, "not found");
  if (request.method !== "POST") throw new HttpError(405, "method not allowed");
  const claims = await authenticate(server, resolveKey, request);
  const body = await readJson(request, server.limits.maxMessageBytes);
  const [, topic, event] = match;
  const messages = topic === undefined || event === undefined
    ? batch.safeParse(body).data?.messages
    : one(topic, event, url.searchParams.get("private") === "true", body);
  if (messages === undefined) throw new HttpError(422, "unprocessable messages");
  for (const each of messages) await send(server, claims, each);
}

function one(topic: string, event: string, isPrivate: boolean, payload: unknown) {
  const name = decodeURIComponent(topic);
  const given = { topic: name, event: decodeURIComponent(event), private: isPrivate, payload };
  const parsed = message.safeParse(given);
  return parsed.success ? [parsed.data] : undefined;
}

async function authenticate(
  server: ServerContext,
  resolveKey: (key: string) => string,
  request: IncomingMessage,
): Promise<Claims> {
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  const apikey = request.headers["apikey"];
  // A client without a session shows its opaque key twice; a gateway may have exchanged one only.
  const token = [bearer, typeof apikey === "string" ? apikey : undefined]
    .map((key) => resolveKey(key ?? "sb_"))
    .find((key) => !key.startsWith("sb_")) ?? "";
  try {
    return await server.verifyToken(token);
  } catch (error) {
    if (error instanceof Refusal) throw new HttpError(401, "unauthorized");
    throw error;
  }
}

async function send(server: ServerContext, claims: Claims, each: Message): Promise<void> {
  if (each.private) {
    const context = { topic: each.topic, claims, headers: {} };
    const allowed = await server.authorizer.writable(context).catch(() => false);
    if (!allowed) return;
  }
  server.hub.deliver(`realtime:${each.topic}`, each.private, {
    json: { type: "broadcast", event: each.event, payload: each.payload },
  });
}

async function readJson(request: IncomingMessage, limit: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes: unknown = chunk;
    if (!Buffer.isBuffer(bytes)) throw new HttpError(400, "unreadable body");
    size += bytes.length;
    if (size > limit) throw new HttpError(413, "payload too large");
    chunks.push(bytes);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new HttpError(400, "malformed JSON");
  }
}
