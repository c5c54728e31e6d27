import type { ServerResponse } from "node:http";

/** The gateway's own answer; readable in a browser, whoever asks. */
export function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "access-control-allow-origin": "*",
  });
  response.end(JSON.stringify(body));
}
