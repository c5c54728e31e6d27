import { afterEach, describe, expect, it, vi } from "vitest";
import { traceExport } from "../../../../shared/compose/telemetry.ts";
import { openReceiver } from "../../../support/otlp-receiver.ts";
import { recordedLog } from "../support/recorded-database.ts";
import { answered } from "../telemetry/requests.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

const ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";

describe("the traces of a function", () => {
  it("are not looked at where no endpoint is set", () => {
    const { log, lines } = recordedLog();
    expect(traceExport("health", { [ENDPOINT]: undefined }, log)).toBeUndefined();
    expect(lines).toEqual([]);
  });

  it.each([
    [ENDPOINT, { [ENDPOINT]: "hunter2" }],
    ["OTEL_EXPORTER_OTLP_HEADERS", {
      [ENDPOINT]: "https://otlp.example.com",
      OTEL_EXPORTER_OTLP_HEADERS: "hunter2",
    }],
  ])(
    "are not sent where %s is malformed, which stops nothing and is told once by its name",
    (name, environment) => {
      const { log, lines } = recordedLog();
      expect(traceExport("health", environment, log)).toBeUndefined();
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain(`"message":"traces are not sent","cause":"${name}: `);
      expect(lines[0]).not.toContain("hunter2");
    },
  );

  it("are sent after the answer, for which the platform is asked to wait", async () => {
    const receiver = await openReceiver();
    const awaited: Promise<unknown>[] = [];
    vi.stubGlobal("EdgeRuntime", {
      waitUntil: (work: Promise<unknown>) => {
        awaited.push(work);
      },
    });
    try {
      const { log, lines } = recordedLog();
      const onAnswered = traceExport("health", { [ENDPOINT]: receiver.url }, log);
      onAnswered?.(answered);
      // Not in the way of the answer: nothing has been sent by the time that it returns.
      expect(receiver.bodies).toEqual([]);
      expect(awaited).toHaveLength(1);
      await Promise.all(awaited);
      expect(receiver.problems).toEqual([]);
      expect(receiver.spans).toHaveLength(3);
      expect(lines).toEqual([]);
    } finally {
      await receiver.close();
    }
  });

  it("that cannot be made into spans are told in the log, and fail nobody", async () => {
    const awaited: Promise<unknown>[] = [];
    vi.stubGlobal("EdgeRuntime", {
      waitUntil: (work: Promise<unknown>) => {
        awaited.push(work);
      },
    });
    const { log, lines } = recordedLog();
    const onAnswered = traceExport("health", { [ENDPOINT]: "http://127.0.0.1:9" }, log);
    const [call] = answered.calls;
    onAnswered?.({ ...answered, calls: call === undefined ? [] : [{ ...call, url: "none" }] });
    await Promise.all(awaited);
    expect(lines.join()).toContain('"message":"traces are not sent"');
  });
});
