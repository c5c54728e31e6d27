import type { IncomingMessage, ServerResponse } from "node:http";
import { API_VERSION } from "../world.ts";

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, POST, DELETE, OPTIONS",
  "access-control-expose-headers": "Request-Id, Stripe-Should-Retry, Idempotent-Replayed",
  "access-control-max-age": "300",
};

/** Answers a browser's question whether it may call. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  const wanted = request.headers["access-control-request-headers"] ?? "authorization";
  response.writeHead(204, { ...CORS, "access-control-allow-headers": wanted });
  response.end();
}

export interface Reply {
  status: number;
  body: unknown;
  requestId: string;
  idempotencyKey: string | undefined;
  stripeAccount: string | undefined;
  replayed: boolean;
}

/** Whether a retry could fare better; absent where Stripe leaves it to the client. */
function shouldRetry(status: number, replayed: boolean): "true" | "false" | undefined {
  if (status === 409 || status === 429) return "true";
  if (status >= 500) return replayed ? "false" : undefined;
  return status >= 400 ? "false" : undefined;
}

/** Sends a reply with the headers that Stripe sends. */
export function send(response: ServerResponse, reply: Reply): Promise<void> {
  const text = `${JSON.stringify(reply.body, null, 2)}\n`;
  const retry = shouldRetry(reply.status, reply.replayed);
  response.writeHead(reply.status, {
    ...CORS,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-cache, no-store",
    "request-id": reply.requestId,
    "stripe-version": API_VERSION,
    ...(reply.idempotencyKey === undefined ? {} : { "idempotency-key": reply.idempotencyKey }),
    ...(reply.stripeAccount === undefined ? {} : { "stripe-account": reply.stripeAccount }),
    ...(reply.replayed
      ? { "idempotent-replayed": "true", "original-request": reply.requestId }
      : {}),
    ...(retry === undefined ? {} : { "stripe-should-retry": retry }),
    ...(reply.status === 429 ? { "stripe-rate-limited-reason": "endpoint-rate" } : {}),
  });
  return new Promise((resolve) => {
    response.on("close", resolve);
    response.end(text, () => resolve());
  });
}
