import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { StackKeys } from "../keys.ts";
import { type Listening, listening } from "../process/listening.ts";
import { answer } from "./answer.ts";
import { readCredentials } from "./credentials.ts";
import { Forwarder } from "./forward.ts";
import { functionAt, type FunctionTarget } from "./functions.ts";
import { answerReference } from "./reference.ts";
import { refuse, upgradeToRealtime } from "./upgrade.ts";

export interface GatewayOptions {
  readonly keys: StackKeys;
  /** A free port by default. */
  readonly port?: number;
}

/** What lies behind the gateway; parts appear as they start. */
export interface Upstreams {
  postgrestSocket?: string;
  realtimeUrl?: string;
  authUrl?: string;
  /** The function of that name as it stands now, or undefined when there is none. */
  findFunction?: (slug: string) => FunctionTarget | undefined;
}

/** Its `url`, `http://127.0.0.1:<port>`, is the counterpart of `https://<ref>.supabase.co`. */
export interface Gateway extends Listening {
  readonly upstreams: Upstreams;
}

const notStarted = { status: 503, body: { message: "the service is not running" } };

/** Starts the one origin of the stack: `/rest/v1`, `/auth/v1`, `/functions/v1`, `/realtime/v1`. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { keys } = options;
  const upstreams: Upstreams = {};
  const forwarder = new Forwarder();

  const toRest = async (request: IncomingMessage, response: ServerResponse, url: URL) => {
    const target = upstreams.postgrestSocket;
    if (target === undefined) return answer(response, notStarted);
    const path = url.pathname.slice("/rest/v1".length) || "/";
    const common = {
      upstream: { socketPath: target },
      unreachable: notStarted,
      broken: notStarted,
    };
    if (request.method === "OPTIONS") {
      return forwarder.forward(request, response, { ...common, path });
    }
    const credentials = await readCredentials(request.headers, url, keys);
    if ("body" in credentials) return answer(response, credentials);
    url.searchParams.delete("apikey");
    forwarder.forward(request, response, {
      ...common,
      path: path + url.search,
      headers: { apikey: undefined, authorization: credentials.authorization },
    });
  };

  const toRealtime = async (request: IncomingMessage, response: ServerResponse, url: URL) => {
    if (upstreams.realtimeUrl === undefined) {
      return answer(response, notStarted);
    }
    const credentials = await readCredentials(request.headers, url, keys);
    if ("body" in credentials) return answer(response, credentials);
    const { hostname, port } = new URL(upstreams.realtimeUrl);
    forwarder.forward(request, response, {
      upstream: { host: hostname, port: Number(port) },
      path: url.pathname.slice("/realtime/v1".length) + url.search,
      headers: { apikey: credentials.apiKeyToken, authorization: credentials.authorization },
      unreachable: notStarted,
      broken: notStarted,
    });
  };

  const toAuth = async (request: IncomingMessage, response: ServerResponse, url: URL) => {
    if (upstreams.authUrl === undefined) {
      return answer(response, notStarted);
    }
    const path = url.pathname.slice("/auth/v1".length);
    // The public keys are everybody's to read (https://supabase.com/docs/guides/auth/jwts).
    if (request.method !== "OPTIONS" && path !== "/.well-known/jwks.json") {
      const credentials = await readCredentials(request.headers, url, keys);
      if ("body" in credentials) return answer(response, credentials);
    }
    const { hostname, port } = new URL(upstreams.authUrl);
    forwarder.forward(request, response, {
      upstream: { host: hostname, port: Number(port) },
      path: path + url.search,
      unreachable: notStarted,
      broken: notStarted,
    });
  };

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://gateway");
    const [, service, version] = url.pathname.split("/");
    if (version === "v1" && service === "rest") return toRest(request, response, url);
    if (version === "v1" && service === "realtime") return toRealtime(request, response, url);
    if (version === "v1" && service === "auth") return toAuth(request, response, url);
    if (version === "v1" && service === "functions") {
      const target = await functionAt(request, url, keys, upstreams.findFunction);
      if ("body" in target) return answer(response, target);
      return forwarder.forward(request, response, target);
    }
    if (request.method === "GET" && url.pathname === "/reference") return answerReference(response);
    answer(response, { status: 404, body: { message: "no Route matched with those values" } });
  };

  const server = createServer((request, response) => {
    route(request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else answer(response, { status: 400, body: { message: "the request cannot be read" } });
    });
  });
  server.on("upgrade", (request, socket, head: Buffer) => {
    const isSocket = (request.url ?? "").startsWith("/realtime/v1/websocket");
    const { realtimeUrl } = upstreams;
    if (!isSocket || realtimeUrl === undefined) return refuse(socket, isSocket ? 503 : 404);
    upgradeToRealtime(request, socket, head, realtimeUrl, keys).catch(() => socket.destroy());
  });
  const listener = await listening(server, options.port);
  return {
    url: listener.url,
    upstreams,
    close: async () => {
      forwarder.close();
      await listener.close();
    },
  };
}
