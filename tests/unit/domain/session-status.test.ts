import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type SessionStatus,
  sessionStatuses,
  transitions,
} from "../../../shared/domain/session-status.ts";

const anyStatus = fc.constantFrom(...sessionStatuses);

/** Every status that a session may be in, one move or many after `from`. */
function reachable(from: SessionStatus, seen = new Set<SessionStatus>()): Set<SessionStatus> {
  for (const to of transitions[from]) {
    if (seen.has(to)) continue;
    seen.add(to);
    reachable(to, seen);
  }
  return seen;
}

describe("a session's status", () => {
  it.each(sessionStatuses)(
    "%s goes to known statuses, each named once, and not to itself",
    (from) => {
      const to = transitions[from];
      expect(new Set(to).size).toBe(to.length);
      expect(sessionStatuses).toEqual(expect.arrayContaining([...to]));
      expect(to).not.toContain(from);
    },
  );

  it.each(["succeeded", "failed", "canceled"] as const)("%s is final", (from) => {
    expect(sessionStatuses.filter((to) => transitions[from].includes(to))).toEqual([]);
  });

  it("expired can only become succeeded: money that arrives late is honored", () => {
    expect(transitions.expired).toEqual(["succeeded"]);
  });

  it("processing cannot expire or be canceled: the money is under way", () => {
    expect(transitions.processing.includes("expired")).toBe(false);
    expect(transitions.processing.includes("canceled")).toBe(false);
    expect(transitions.processing.includes("requires_action")).toBe(false);
  });

  it("processing can open again: a debit that bounced leaves room for another card", () => {
    expect(transitions.processing.includes("open")).toBe(true);
  });

  it("open and requires_action go to and fro: an authentication may fail and be asked again", () => {
    expect(transitions.open.includes("requires_action")).toBe(true);
    expect(transitions.requires_action.includes("open")).toBe(true);
  });

  it.each(["open", "requires_action", "processing", "expired"] as const)(
    "%s can still succeed",
    (from) => expect(transitions[from].includes("succeeded")).toBe(true),
  );

  it("open can come to every other status", () => {
    expect([...reachable("open")].toSorted()).toEqual([...sessionStatuses].toSorted());
  });

  it("nothing leads out of succeeded, whatever is tried and how often", () => {
    fc.assert(fc.property(anyStatus, fc.array(anyStatus, { maxLength: 50 }), (start, wishes) => {
      let at = start;
      let succeeded = at === "succeeded";
      for (const wish of wishes) {
        if (transitions[at].includes(wish)) at = wish;
        succeeded ||= at === "succeeded";
      }
      expect(at === "succeeded").toBe(succeeded);
    }));
  });

  it("nothing but open and its like leads back to open", () => {
    const back = sessionStatuses.filter((from) => transitions[from].includes("open"));
    expect(back).toEqual(["requires_action", "processing"]);
  });
});
