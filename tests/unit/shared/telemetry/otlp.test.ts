import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { otlpSender } from "../../../../shared/telemetry/otlp.ts";
import { spansOf } from "../../../../shared/telemetry/spans.ts";
import { VERSION } from "../../../../shared/telemetry/version.ts";
import { readProjectFile } from "../../../../scripts/source/project-files.ts";
import { openReceiver } from "../../../support/otlp-receiver.ts";
import { recordedLog } from "../support/recorded-database.ts";
import { answered } from "./requests.ts";

let receiver: Awaited<ReturnType<typeof openReceiver>>;
beforeEach(async () => {
  receiver = await openReceiver();
});
afterEach(async () => {
  await receiver.close();
});

const logLine = z.object({ level: z.string(), message: z.string() }).loose();

function sender(headers: Readonly<Record<string, string>> = {}) {
  const { log, lines } = recordedLog();
  const url = `${receiver.url}/v1/traces`;
  const waits: number[] = [];
  const wait = (milliseconds: number) => {
    waits.push(milliseconds);
    return Promise.resolve();
  };
  const settings = { url, headers, serviceName: "shop" };
  const send = otlpSender(settings, "checkout-confirm", log, wait);
  return { send, waits, logged: () => lines.map((line) => logLine.parse(JSON.parse(line))) };
}

const spans = spansOf(answered);

it("the version that spans name is this release's", () => {
  const { version } = z.object({ version: z.string() }).parse(
    JSON.parse(readProjectFile("package.json")),
  );
  expect(VERSION).toBe(version);
});

describe("spans are sent", () => {
  it("in the form that a receiver of OTLP takes, with the settings' headers and what the process is", async () => {
    const { send, logged } = sender({ "x-api-key": "k" });
    await send(spans);
    expect(receiver.problems).toEqual([]);
    expect(receiver.spans.map(({ name }) => name)).toEqual(spans.map(({ name }) => name));
    expect(receiver.headers[0]).toMatchObject({ "x-api-key": "k" });
    expect(receiver.spans[0]?.resource).toEqual({
      "service.name": "shop",
      "service.version": VERSION,
      "faas.name": "checkout-confirm",
    });
    expect(logged()).toEqual([]);
  });

  it("in one request at a time, which takes along what has come meanwhile", async () => {
    const { send } = sender();
    await Promise.all(Array.from({ length: 20 }, () => send(spans)));
    expect(receiver.spans).toHaveLength(20 * spans.length);
    expect(receiver.most()).toBe(1);
    expect(receiver.bodies.length).toBeLessThan(5);
  });
});

// https://opentelemetry.io/docs/specs/otlp/#failures-1
describe("a request that is not taken", () => {
  it.each([429, 502, 503, 504])(
    "with status %i is sent again, after waits that grow, and nothing is lost",
    async (status) => {
      const { send, waits, logged } = sender();
      receiver.refuse({ status }, { status }, { status });
      await send(spans);
      expect(receiver.spans).toHaveLength(spans.length);
      expect(new Set(receiver.bodies).size).toBe(1);
      expect(waits).toHaveLength(3);
      for (const [index, pause] of waits.entries()) {
        expect(pause).toBeGreaterThanOrEqual(250 * 2 ** index);
        expect(pause).toBeLessThanOrEqual(500 * 2 ** index);
      }
      expect(logged()).toEqual([]);
    },
  );

  it.each([400, 401, 404, 413, 500, 501])("with status %i is never sent again", async (status) => {
    const { send, waits, logged } = sender();
    receiver.refuse({ status });
    await send(spans);
    expect([receiver.bodies.length, receiver.spans, waits]).toEqual([1, [], []]);
    expect(logged()).toMatchObject([{ cause: `status ${status}` }]);
  });

  it.each<[string, () => string, number, number]>([
    ["seconds", () => "7", 7_000, 7_000],
    ["a date", () => new Date(Date.now() + 9_000).toUTCString(), 6_000, 9_000],
    ["a date that has passed", () => new Date(0).toUTCString(), 0, 0],
    ["no time at all", () => "soon", 250, 500],
  ])("with a time to come again in %s is sent then", async (_form, asked, from, to) => {
    const { send, waits } = sender();
    receiver.refuse({ status: 503, headers: { "retry-after": asked() } });
    await send(spans);
    expect(receiver.spans).toHaveLength(spans.length);
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeGreaterThanOrEqual(from);
    expect(waits[0]).toBeLessThanOrEqual(to);
  });

  it("with a time that an isolate cannot wait for is lost, and the receiver is left alone until then", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const { send, waits, logged } = sender();
      receiver.refuse({ status: 429, headers: { "retry-after": "60" } });
      await send(spans);
      vi.advanceTimersByTime(59_000);
      await send(spans);
      expect([receiver.bodies.length, waits]).toEqual([1, []]);
      vi.advanceTimersByTime(2_000);
      await send(spans);
      expect(receiver.spans).toHaveLength(spans.length);
      expect(logged()).toMatchObject([
        { message: "traces are not taken", cause: "status 429" },
        { message: "traces were lost", spans: 2 * spans.length },
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("is sent four times at most, and each next one once until one is taken", async () => {
    const { send, waits } = sender();
    receiver.behave("refuses");
    await send(spans);
    expect([receiver.bodies.length, waits.length]).toEqual([4, 3]);
    await send(spans);
    expect([receiver.bodies.length, waits.length]).toEqual([5, 3]);
  });
});

describe("a receiver", () => {
  it("that refuses is told of once, and what it did not take when it takes again", async () => {
    const { send, logged } = sender({ authorization: "Bearer hunter2" });
    receiver.behave("refuses");
    await send(spans);
    await send(spans);
    receiver.behave("takes");
    await send(spans);
    expect(logged().map(({ time: _time, ...line }) => line)).toEqual([
      { level: "warn", message: "traces are not taken", cause: "status 503" },
      { level: "warn", message: "traces were lost", spans: 2 * spans.length },
    ]);
    expect(JSON.stringify(logged())).not.toContain("hunter2");
  });

  it("that is not there fails nobody, and its address, which may have a key, is in no line", async () => {
    const { send, logged, waits } = sender();
    await receiver.close();
    await send(spans);
    expect(waits).toHaveLength(3);
    expect(logged()).toMatchObject([{ message: "traces are not taken", cause: "TypeError" }]);
    expect(JSON.stringify(logged())).not.toContain("127.0.0.1");
    receiver = await openReceiver();
  });

  it("that does not answer holds up a bounded number of spans, and the rest is lost", async () => {
    const { send, logged } = sender();
    receiver.behave("is silent");
    const sent = Array.from({ length: 1_000 }, () => send(spans));
    receiver.behave("takes");
    await Promise.all(sent);
    expect(receiver.problems).toEqual([]);
    const lost = logged().filter(({ message }) => message === "traces were lost")
      .map((line) => Number(line["spans"]));
    const total = lost.reduce((sum, one) => sum + one, 0);
    expect(total).toBeGreaterThan(1_000);
    expect(receiver.spans.length + total).toBe(1_000 * spans.length);
  });
});
