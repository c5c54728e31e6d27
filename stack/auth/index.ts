/** A local stand-in for Supabase Auth; stack/README.md lists what of it there is, and how it differs. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { Pool } from "pg";
import type { UserKeys } from "../keys.ts";
import { listening } from "../process/listening.ts";
import { accounts } from "./accounts.ts";
import { factors } from "./factors.ts";
import { answerOf, type AuthServer } from "./endpoints.ts";
import { accessTokens } from "./tokens.ts";

export interface AuthOptions {
  /** As a role that may write in `auth` and passes its row security: a superuser. */
  readonly databaseUrl: string;
  readonly keys: UserKeys;
  /** `<origin>/auth/v1`. */
  readonly issuer: string;
  readonly onLine?: (line: string) => void;
}

export interface Auth {
  /** `http://127.0.0.1:<port>`; the paths are those behind `/auth/v1`. */
  readonly url: string;
  /** Whether the project tells its public keys: one that signs with the older shared secret has none to tell. */
  showKeys(shown: boolean): void;
  close(): Promise<void>;
}

/** A page may sign in from anywhere; what it may read of an answer is here too. */
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET,POST,PUT,PATCH,DELETE",
  "access-control-allow-headers":
    "authorization,apikey,content-type,x-client-info,x-supabase-api-version",
  "access-control-expose-headers": "x-supabase-api-version",
};

export async function startAuth({ databaseUrl, keys, issuer, onLine }: AuthOptions): Promise<Auth> {
  const pool = new Pool({ connectionString: databaseUrl, max: 2 });
  // An idle connection that breaks is made anew when it is needed.
  pool.on("error", () => undefined);
  let isShown = true;
  const server: AuthServer = {
    accounts: accounts(pool),
    factors: factors(pool),
    tokens: accessTokens(keys, issuer),
    get keys() {
      return isShown ? keys : { ...keys, publicKeys: { keys: [] } };
    },
  };
  const http = createServer((request, response) => {
    respond(server, request, response).catch((error: unknown) => {
      onLine?.(String(error));
      if (!response.headersSent) response.writeHead(500, CORS);
      response.end();
    });
  });
  const listener = await listening(http);
  return {
    url: listener.url,
    showKeys(shown) {
      isShown = shown;
    },
    async close() {
      await listener.close();
      await pool.end();
    },
  };
}

async function respond(
  server: AuthServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === "OPTIONS") {
    response.writeHead(204, CORS).end();
    return;
  }
  const { status, body } = await answerOf(server, {
    method: request.method ?? "",
    url: new URL(request.url ?? "/", "http://auth"),
    authorization: request.headers.authorization,
    body: request.method === "POST" ? await json(request).catch(() => undefined) : undefined,
  });
  response.writeHead(status, {
    ...CORS,
    "content-type": "application/json",
    "x-supabase-api-version": "2024-01-01",
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
