import { createServer, type IncomingMessage } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import {
  HALF_OF_STRIPES_LIMIT,
  patientFetch,
  type Pause,
  readingOnly,
  secondsToWait,
} from "../../../scripts/stripe/patient-fetch.ts";
import { listening } from "../../../stack/process/listening.ts";

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** A server that answers each request as told, and knows when each came and how many were open at once. */
async function answering(answer: (request: IncomingMessage, count: number) => Answer) {
  const came: number[] = [];
  let open = 0;
  let most = 0;
  const server = await listening(createServer((request, response) => {
    came.push(performance.now());
    open += 1;
    most = Math.max(most, open);
    const { status, headers } = answer(request, came.length);
    setImmediate(() => {
      open -= 1;
      response.writeHead(status, headers).end("{}");
    });
  }));
  closing.push(() => server.close());
  return { url: server.url, came, most: () => most };
}

const ok: Answer = { status: 200 };

describe("an operator's requests to Stripe", () => {
  it("stay below half of what Stripe allows of one endpoint and of a sandbox", () => {
    // 25 a second each: https://docs.stripe.com/rate-limits
    expect(HALF_OF_STRIPES_LIMIT).toBeLessThanOrEqual(25 / 2);
  });

  it("come no faster than the rate, and a few at a time, however many are asked for at once", async () => {
    const server = await answering(() => ok);
    const send = patientFetch({ perSecond: 100 });
    await Promise.all(Array.from({ length: 20 }, () => send(server.url)));
    expect(server.came).toHaveLength(20);
    const took = (server.came.at(-1) ?? 0) - (server.came[0] ?? 0);
    expect(took).toBeGreaterThan(19 * 10 * 0.8);
    expect(server.most()).toBeLessThanOrEqual(4);
  });

  it("all wait as long as a 429 asks, and then come again", async () => {
    const server = await answering((_request, count) =>
      count === 1
        ? {
          status: 429,
          headers: { "retry-after": "1", "stripe-rate-limited-reason": "global-rate" },
        }
        : ok
    );
    const pauses: Pause[] = [];
    const send = patientFetch({ perSecond: 1000, onPause: (pause) => pauses.push(pause) });
    const first = send(server.url);
    expect((await first).status).toBe(200);
    await send(server.url);
    expect(pauses).toEqual([{ reason: "global-rate", seconds: 1 }]);
    expect((server.came[1] ?? 0) - (server.came[0] ?? 0)).toBeGreaterThan(900);
  });

  it.each([
    ["a 500", { status: 500 }],
    ["a refusal", { status: 404 }],
  ])("are handed %s at once", async (_what, answer) => {
    const server = await answering(() => answer);
    expect((await patientFetch({ perSecond: 1000 })(server.url)).status).toBe(answer.status);
    expect(server.came).toHaveLength(1);
  });

  it.each([
    ["nothing", null, [1, 2, 4, 8, 16, 32, 60, 60]],
    ["seconds", "3", [3, 3]],
    ["no time at all", "0", [0]],
    ["an hour", "3600", [60]],
    ["a date, which Stripe never sends", "Wed, 21 Oct 2026 07:28:00 GMT", [1, 2]],
    ["a sign", "-5", [1]],
  ])("wait where Retry-After says %s", (_what, retryAfter, waits) => {
    expect(waits.map((_, index) => secondsToWait(retryAfter, index + 1))).toEqual(waits);
  });

  it.each(["POST", "DELETE", "PUT", "PATCH"])(
    "of a command that only reads are never %s",
    async (method) => {
      const server = await answering(() => ok);
      await expect(readingOnly(fetch)(server.url, { method })).rejects.toThrow("only reads");
      expect(server.came).toEqual([]);
      expect((await readingOnly(fetch)(server.url, { method: "GET" })).status).toBe(200);
      expect((await readingOnly(fetch)(server.url)).status).toBe(200);
    },
  );
});
