import {
  Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from "node:http";
import { type Answer, answer } from "./answer.ts";

/** A server behind the gateway. */
export type Upstream =
  | { readonly host: string; readonly port: number }
  | { readonly socketPath: string };

export interface ForwardOptions {
  readonly upstream: Upstream;
  readonly path: string;
  /** Replaces headers of the request; undefined removes one. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** The answer when nobody listens at the upstream. */
  readonly unreachable: Answer;
  /** The answer when the upstream breaks off before it has answered. */
  readonly broken: Answer;
}

/** Meant for one connection only (RFC 9110, 7.6.1). */
const HOP_BY_HOP = ["connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"];
/** What only a trusted proxy may say: a caller's own word on its address is worth nothing. */
const SAID_BY_PROXIES = [
  "cf-connecting-ip",
  "forwarded",
  "true-client-ip",
  "x-client-ip",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-real-ip",
];

/** The request's headers as an upstream gets them. */
export function upstreamHeaders(
  incoming: IncomingMessage,
  changes: Readonly<Record<string, string | undefined>> = {},
): OutgoingHttpHeaders {
  const headers: IncomingHttpHeaders = { ...incoming.headers };
  for (const name of [...HOP_BY_HOP, ...SAID_BY_PROXIES]) delete headers[name];
  headers["x-forwarded-for"] = (incoming.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  headers["x-forwarded-proto"] = "http";
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete headers[name];
    else headers[name] = value;
  }
  return headers;
}

/**
 * Milliseconds for which a connection that nobody uses is kept: less than any upstream keeps it, lest the next request meet its end.
 * PostgREST's server ends one after 30 seconds (warp's `settingsTimeout`, https://hackage.haskell.org/package/warp).
 */
const IDLE = 20_000;

/** Passes requests on, bodies as they come, over connections that are kept. */
export class Forwarder {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256, timeout: IDLE });

  forward(incoming: IncomingMessage, response: ServerResponse, options: ForwardOptions): void {
    const outgoing = request({
      ...options.upstream,
      agent: this.#agent,
      path: options.path,
      method: incoming.method,
      headers: upstreamHeaders(incoming, options.headers),
    });
    outgoing.on("response", (upstream) => {
      const headers = { ...upstream.headers };
      for (const name of HOP_BY_HOP) delete headers[name];
      if (!incoming.complete) {
        // Answered before the body was read (too large, say): the rest is drained, lest the caller meet a reset
        // connection instead of the answer, and the connection is not used again.
        headers.connection = "close";
        incoming.unpipe(outgoing);
        incoming.resume();
      }
      response.writeHead(upstream.statusCode ?? 502, headers);
      upstream.pipe(response);
      upstream.on("error", () => response.destroy());
    });
    outgoing.on("error", (error) => {
      if (response.headersSent || response.destroyed) response.destroy();
      else answer(response, isRefused(error) ? options.unreachable : options.broken);
    });
    // The caller hung up: whatever it asked for is of no use any more.
    response.on("close", () => {
      if (!response.writableFinished) outgoing.destroy();
    });
    incoming.pipe(outgoing);
  }

  close(): void {
    this.#agent.destroy();
  }
}

function isRefused(error: Error): boolean {
  return "code" in error && (error.code === "ECONNREFUSED" || error.code === "ENOENT");
}
