import { describe, expect, it } from "vitest";
import { createLogger, type Logger } from "../../../shared/runtime/log.ts";
import { readable } from "../../../stack/readable-log.ts";

/** What a function writes, as the stack's log has it. */
function written(say: (log: Logger) => void, part = "function:stripe-webhook"): string | undefined {
  const lines: string[] = [];
  const base = { function: "stripe-webhook", requestId: "req_12345678-aaaa" };
  say(createLogger((line) => lines.push(line), base));
  return readable({ at: "2026-11-01T00:00:00.000Z", part, line: lines[0] ?? "" });
}

describe("a function's log line, for a person,", () => {
  it.each<[string, (log: Logger) => void, RegExp]>([
    [
      "of a request",
      (log) =>
        log.info("request", {
          method: "POST",
          route: "/stripe-webhook",
          status: 200,
          milliseconds: 12,
          databaseCalls: 0,
          databaseMilliseconds: 0,
          stripeCalls: 0,
          stripeMilliseconds: 0,
        }),
      /^\d\d:\d\d:\d\d\.\d{3} {2}req_12345678 {2}stripe-webhook {6}POST \/stripe-webhook 200 in 12 ms$/,
    ],
    [
      "of a request with what its calls took",
      (log) =>
        log.info("request", {
          method: "POST",
          route: "/checkout-create",
          status: 201,
          milliseconds: 90,
          databaseCalls: 2,
          databaseMilliseconds: 11,
          stripeCalls: 1,
          stripeMilliseconds: 70,
        }),
      / 201 in 90 ms \(database 2× 11 ms, Stripe 1× 70 ms\)$/,
    ],
    [
      "of an event",
      (log) =>
        log.info("event", { stripeEventId: "evt_1", type: "invoice.paid", outcome: "processed" }),
      / event invoice\.paid evt_1 processed$/,
    ],
    [
      "of an error names what it is about",
      (log) => log.error("paid, and not fulfilled yet", { sessionId: "s", cause: "E: no" }),
      / ERROR paid, and not fulfilled yet {2}sessionId=s {2}cause=E: no$/,
    ],
    ["of a warning", (log) => log.warn("not looked"), / WARN not looked$/],
  ])("is one line %s", (_name, say, line) => {
    const text = written(say);
    expect(text).toMatch(line);
    expect(text).not.toContain("\n");
  });

  it.each([
    ["of another part", "postgres", '{"message":"request"}'],
    ["that is no JSON", "function:sdk", "Listening on http://127.0.0.1:1"],
    ["that is JSON of another kind", "function:sdk", "[1]"],
  ])("is none for a line %s", (_name, part, line) => {
    expect(readable({ at: "", part, line })).toBeUndefined();
  });
});
