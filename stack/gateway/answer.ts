import type { ServerResponse } from "node:http";

/** The gateway's own answer. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Readable in a browser, whoever asks. */
export function answer(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "access-control-allow-origin": "*",
  });
  response.end(JSON.stringify(body));
}
