import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import * as z from "zod";
import { connect } from "../../../../shared/database/client.ts";
import { errorResponse } from "../../../../shared/http/error-response.ts";

// supabase-js wants one to begin with; Deno has it, Node 20 has not.
vi.stubGlobal("WebSocket", WebSocket);

/** What is answered, each once and the last for good; the bodies that asked. */
let answers: { readonly status: number; readonly body: string }[] = [];
const asked: string[] = [];
async function answer(request: IncomingMessage, response: ServerResponse) {
  const [next = { status: 500, body: "" }] = answers.length > 1 ? answers.splice(0, 1) : answers;
  asked.push(await text(request));
  response.writeHead(next.status, { "content-type": "text/html" });
  response.end(next.body);
}
const server = createServer((request, response) => {
  void answer(request, response);
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

const call = () =>
  connect({ url, secretKey: "sb_secret_x" })("read_entitlements", {
    p_token_id: crypto.randomUUID(),
    p_livemode: false,
  }, z.unknown());

/** What a caller is told when PostgREST, or what stands before it, answers so. */
async function told(status: number, body: string) {
  answers = [{ status, body }];
  return errorResponse(await call().catch((error: unknown) => error), "req_1");
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
  [500, "a lock was waited for too long", postgrest("55P03")],
  [405, "the disk is full, and nothing is written", postgrest("25006")],
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

describe("a call that Postgres ended for another", () => {
  it.each(["40P01", "40001"])("is made once more (%s), the very same", async (code) => {
    asked.length = 0;
    answers = [{ status: 500, body: postgrest(code) }, { status: 200, body: "7" }];
    expect(await call()).toBe(7);
    expect(asked).toHaveLength(2);
    expect(asked[1]).toBe(asked[0]);
  });

  it("and ended again is told as 503, and made no third time", async () => {
    asked.length = 0;
    expect((await told(500, postgrest("40P01"))).status).toBe(503);
    expect(asked).toHaveLength(2);
  });

  it.each(["57014", "53300", "55P03", "23505", "P0001"])(
    "is made once where it failed otherwise (%s)",
    async (code) => {
      asked.length = 0;
      await told(500, postgrest(code));
      expect(asked).toHaveLength(1);
    },
  );
});
