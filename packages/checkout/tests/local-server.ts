import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type Answer = (response: ServerResponse, request: Received) => void;

/**
 * A real server on this machine, closed after the test, which tests that run beside each other say. Answers where it listens,
 * and what it has been asked.
 */
export async function serve(answer: Answer, finished: typeof onTestFinished = onTestFinished) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part)).on("end", () => {
      const { method = "", url = "", headers } = request;
      // As the service does (shared/http/cors.ts): a page asks before it calls.
      response.setHeader("access-control-allow-origin", "*");
      response.setHeader("access-control-allow-headers", "authorization, content-type");
      if (method === "OPTIONS") {
        response.writeHead(204).end();
        return;
      }
      const asked = { method, url, headers, body: Buffer.concat(parts).toString() };
      received.push(asked);
      answer(response, asked);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  finished(() => {
    server.closeAllConnections();
    return new Promise((resolve) => {
      server.close(() => resolve());
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it listens on no port");
  return { functionsUrl: `http://127.0.0.1:${address.port}`, received };
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** What the service answers a refused call. */
export function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  details?: Readonly<Record<string, unknown>>,
): void {
  json(response, status, { error: { code, message: `${code}.`, requestId: "r-1", details } });
}

export const tokenOf = ({ headers }: Received): string =>
  headers.authorization?.replace("Bearer ", "") ?? "";
