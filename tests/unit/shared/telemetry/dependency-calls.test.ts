import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { afterAll, describe, expect, it, vi } from "vitest";
import { listening } from "../../../../stack/process/listening.ts";
import { connectStripe } from "../../../../shared/stripe/client.ts";
import {
  callRecord,
  measuredFetch,
  recording,
} from "../../../../shared/telemetry/dependency-calls.ts";

// It answers nobody before everybody has asked, so that requests certainly cross.
const waiting: ServerResponse[] = [];
let party = 1;
let seen: IncomingHttpHeaders | undefined;
const server = createServer((request, response) => {
  seen = request.headers;
  response.statusCode = Number(new URL(request.url ?? "", "http://localhost").pathname.slice(1));
  waiting.push(response);
  if (waiting.length < party) return;
  for (const one of waiting.splice(0)) one.end("{}");
});
const at = await listening(server);
const { url } = at;
afterAll(() => at.close());

const database = measuredFetch("database");
const stripe = measuredFetch("stripe");

/** The module as an isolate has it that has just started. */
function justStarted() {
  vi.resetModules();
  return import("../../../../shared/telemetry/dependency-calls.ts");
}

describe("the calls of a request", () => {
  it("are its own, whoever comes while it is answered, and whoever comes after", async () => {
    const isolate = await justStarted();
    const ask = isolate.measuredFetch("database");
    const answer = async (status: number) => {
      const record = callRecord(true);
      await isolate.recording(record, async () => {
        await ask(`${url}/${status}`);
        await ask(`${url}/${status}`);
      });
      return { status, record };
    };
    party = 3;
    const atOnce = await Promise.all([201, 202, 203].map(answer));
    party = 1;
    for (const { status, record } of [...atOnce, await answer(204)]) {
      expect(record.kept.map((call) => call.status)).toEqual([status, status]);
      expect(record.totals()).toMatchObject({ databaseCalls: 2, stripeCalls: 0 });
    }
  });

  it("are its own after a second request has come and gone, and nobody's after its end", async () => {
    const isolate = await justStarted();
    const ask = isolate.measuredFetch("stripe");
    const [first, second] = [callRecord(true), callRecord(true)];
    await isolate.recording(first, async () => {
      await isolate.recording(second, () => ask(`${url}/202`));
      await ask(`${url}/201`);
    });
    await ask(`${url}/204`);
    expect(first.kept.map(({ status }) => status)).toEqual([201]);
    expect(second.kept.map(({ status }) => status)).toEqual([202]);
  });

  it("are told with method, address, instants and status, each under its dependency", async () => {
    const record = callRecord(true);
    const from = performance.now();
    await recording(record, async () => {
      await database(new URL(`${url}/200`));
      await stripe(`${url}/402`, { method: "POST", body: "x" });
      await stripe(new Request(`${url}/204`, { method: "DELETE" }));
    });
    expect(record.kept.map(({ dependency, method, url: address, status }) => [
      dependency,
      method,
      address.slice(url.length),
      status,
    ])).toEqual([
      ["database", "GET", "/200", 200],
      ["stripe", "POST", "/402", 402],
      ["stripe", "DELETE", "/204", 204],
    ]);
    for (const { begun, ended } of record.kept) {
      expect(begun).toBeGreaterThanOrEqual(from);
      expect(ended).toBeGreaterThanOrEqual(begun);
    }
    expect(record.totals()).toMatchObject({ databaseCalls: 1, stripeCalls: 2 });
  });

  it("count where no answer comes, and the failure goes on to whoever asked", async () => {
    const record = callRecord(true);
    const signal = AbortSignal.abort(new DOMException("", "TimeoutError"));
    await expect(recording(record, () => stripe(`${url}/200`, { signal }))).rejects.toMatchObject({
      name: "TimeoutError",
    });
    expect(record.kept[0]).toMatchObject({ failure: "TimeoutError" });
    expect(record.kept[0]).not.toHaveProperty("status");
    expect(record.totals()).toMatchObject({ stripeCalls: 1 });
  });

  it("are counted alone where nobody collects them, and kept in part where there are very many", async () => {
    const [counted, kept] = [callRecord(false), callRecord(true)];
    const call = { dependency: "database", method: "GET", url, begun: 1, ended: 2.25 } as const;
    for (let calls = 0; calls < 1_000; calls += 1) {
      counted.add(call);
      kept.add(call);
    }
    expect(counted.kept).toEqual([]);
    expect(kept.kept).toHaveLength(100);
    for (const record of [counted, kept]) {
      expect(record.totals()).toMatchObject({ databaseCalls: 1_000, databaseMilliseconds: 1_250 });
    }
  });

  it("tell Stripe nothing of the trace that they are part of", async () => {
    const client = connectStripe({ secretKey: "sk_test_none", apiUrl: url }, stripe);
    const record = callRecord(true);
    await recording(record, () => client.rawRequest("GET", "/200"));
    expect(record.totals()).toMatchObject({ stripeCalls: 1 });
    expect(seen?.authorization).toBe("Bearer sk_test_none");
    expect(Object.keys(seen ?? {}).join()).not.toMatch(/trace|baggage|b3/);
  });

  it("are nobody's outside a request", async () => {
    expect((await database(`${url}/200`)).status).toBe(200);
  });
});
