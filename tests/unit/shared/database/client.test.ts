import { createServer } from "node:http";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import * as z from "zod";
import { connect } from "../../../../shared/database/client.ts";
import { errorResponse } from "../../../../shared/http/error-response.ts";

// supabase-js wants one to begin with; Deno has it, Node 20 has not.
vi.stubGlobal("WebSocket", WebSocket);

let next = { status: 200, body: "" };
const server = createServer((_request, response) => {
  response.writeHead(next.status, { "content-type": "text/html" });
  response.end(next.body);
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  url = `http://127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}`;
});
afterAll(() => {
  server.close();
});

/** What a caller is told when PostgREST, or what stands before it, answers so. */
async function told(status: number, body: string) {
  next = { status, body };
  const call = connect({ url, secretKey: "sb_secret_x" });
  const failed = call("read_entitlements", {
    p_token_id: crypto.randomUUID(),
    p_livemode: false,
  }, z.unknown()).catch((error: unknown) => error);
  return errorResponse(await failed, "req_1");
}

const page = "<html>error code</html>";
const postgrest = (code: string) =>
  JSON.stringify({ code, message: "x", details: null, hint: null });

it.each<[status: number, what: string, body: string]>([
  [408, "the gateway's patience is over", page],
  [429, "the gateway limits", page],
  [502, "the gateway reaches nobody", page],
  [503, "PostgREST has no schema yet", postgrest("PGRST002")],
  [404, "PostgREST does not know the function yet", postgrest("PGRST202")],
  [406, "PostgREST does not serve the schema yet", postgrest("PGRST106")],
  [500, "the database is short of connections", postgrest("53300")],
  ...[520, 521, 522, 523, 524, 525].map((status): [number, string, string] => [
    status,
    "Cloudflare does not reach the project",
    page,
  ]),
])("%i passes and is told as 503 with Retry-After: %s", async (status, _what, body) => {
  const response = await told(status, body);
  expect(response.status).toBe(503);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await response.json()).toMatchObject({ error: { code: "database_unavailable" } });
});

it.each<[status: number, what: string, body: string]>([
  [400, "a violated constraint", postgrest("23514")],
  [401, "a wrong key", page],
  [404, "a relation that is not there", postgrest("42P01")],
  [500, "a fault in a function", postgrest("P0001")],
  [526, "a certificate that is not valid", page],
])("%i does not pass by itself: %s", async (status, _what, body) => {
  expect((await told(status, body)).status).toBe(500);
});
