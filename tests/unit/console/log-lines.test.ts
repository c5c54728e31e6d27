import { describe, expect, it } from "vitest";
import { linesAbout } from "../../../scripts/console/log-lines.ts";

const SESSION = "0b500000-0000-4000-8000-0000000000f1";
const names = new Set([SESSION, "pi_1", "evt_1"]);
const line = (message: string, fields: object) =>
  JSON.stringify({ time: "2026-11-26T08:00:00.000Z", level: "info", message, ...fields });

const messages = async (...lines: string[]) =>
  (await linesAbout(() => lines, names, SESSION)).entries.map(({ what }) => what.split(" ")[1]);

describe("a log's lines about a session", () => {
  it.each([
    ["its id", { sessionId: SESSION }],
    ["its intent", { stripePaymentIntentId: "pi_1" }],
    ["an event about it", { stripeEventId: "evt_1" }],
  ])("are those that have %s", async (_what, fields) => {
    expect(await messages(line("", fields))).toHaveLength(1);
  });

  it.each(["requestId", "traceId", "sessionTraceId"])(
    "are also those of the same %s, before and after",
    async (bond) => {
      const entries = await messages(
        line("", { function: "first", [bond]: "one" }),
        line("", { function: "named", [bond]: "one", sessionId: SESSION }),
        line("", { function: "last", [bond]: "one" }),
        line("", { function: "other", [bond]: "two" }),
      );
      expect(entries).toEqual(["first", "named", "last"]);
    },
  );

  it.each([
    ["names another session", [
      line("", { requestId: "one", sessionId: SESSION }),
      line("", { requestId: "one", sessionId: "another" }),
    ]],
    ["is of a run of reconcile, which looks at many", [
      line("", { function: "checkout-reconcile", requestId: "one", sessionId: SESSION }),
      line("", { function: "checkout-reconcile", requestId: "one" }),
    ]],
    ["has the name inside a longer word", [
      line("", { sessionId: SESSION }),
      line("", { a: "pi_12" }),
    ]],
  ])("are not one that %s", async (_what, lines) => {
    expect(await messages(...lines)).toHaveLength(1);
  });

  it("are told from what is no line of a function, which is counted", async () => {
    const lines = [
      "",
      "listening on 8000",
      "[]",
      "null",
      `{"time":"never"}`,
      line("", { a: "pi_1" }),
    ];
    const { entries, unreadable } = await linesAbout(() => lines, names, SESSION);
    expect(entries).toHaveLength(1);
    expect(unreadable).toBe(4);
  });
});
