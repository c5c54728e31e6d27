import { type IncomingMessage, request, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { StackKeys } from "../keys.ts";
import { readCredentials } from "./credentials.ts";
import { upstreamHeaders } from "./forward.ts";

/**
 * Passes a WebSocket on to Realtime: the API key is exchanged for its role's JWT, then bytes flow both
 * ways until one side ends.
 *
 * @param realtimeUrl `ws://127.0.0.1:<port>`
 */
export async function upgradeToRealtime(
  incoming: IncomingMessage,
  client: Duplex,
  head: Buffer,
  realtimeUrl: string,
  keys: StackKeys,
): Promise<void> {
  client.on("error", () => client.destroy());
  const url = new URL(incoming.url ?? "/", "http://gateway");
  const credentials = await readCredentials(incoming.headers, url, keys);
  if ("body" in credentials) return refuse(client, credentials.status);
  url.searchParams.set("apikey", credentials.apiKeyToken);

  const { hostname, port } = new URL(realtimeUrl);
  const outgoing = request({
    host: hostname,
    port,
    path: `/socket/websocket${url.search}`,
    headers: upstreamHeaders(incoming, {
      connection: "Upgrade",
      upgrade: "websocket",
      apikey: undefined,
      "x-api-key": undefined,
    }),
  });
  outgoing.on("upgrade", (response, server, serverHead) => {
    server.on("error", () => client.destroy());
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
    const lines = response.rawHeaders.flatMap((name, at, all) =>
      at % 2 === 0 ? [`${name}: ${all[at + 1] ?? ""}`] : []
    );
    client.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`);
    client.write(serverHead);
    server.write(head);
    server.pipe(client).pipe(server);
  });
  outgoing.on("response", (response) => {
    response.resume();
    refuse(client, response.statusCode ?? 502);
  });
  outgoing.on("error", () => refuse(client, 503));
  outgoing.end();
}

export function refuse(client: Duplex, status: number): void {
  client.end(
    `HTTP/1.1 ${status} ${
      STATUS_CODES[status] ?? ""
    }\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
  );
}
