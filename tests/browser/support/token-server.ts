import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import * as z from "zod";
import { listening } from "../../../stack/process/listening.ts";

const asked = z.object({ externalUserId: z.string() });

/** A merchant's server for the payment sheet's page, which is of another origin: it answers session tokens. */
export async function startTokenServer(mint: (externalUserId: string) => Promise<string>) {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-allow-headers", "content-type");
    if (request.method === "OPTIONS") {
      response.writeHead(204).end();
      return;
    }
    const { externalUserId } = asked.parse(await json(request));
    const sessionToken = await mint(externalUserId);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ sessionToken }));
  };
  return listening(createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(500).end());
  }));
}
