import { describe, expect, it } from "vitest";
import { disputeStage, isKnownDispute, mayComeBack } from "../../../shared/domain/disputes.ts";

// https://docs.stripe.com/api/disputes/object#dispute_object-status, and one that does not exist.
const statuses = [
  ["warning_needs_response", "none", false, true],
  ["warning_under_review", "none", false, true],
  ["warning_closed", "none", false, true],
  ["won", "none", false, true],
  ["prevented", "none", false, true],
  ["needs_response", "open", true, true],
  ["under_review", "open", true, true],
  ["appeal_needs_response", "lost", true, true],
  ["appeal_under_review", "lost", true, true],
  ["lost", "lost", false, true],
  ["arbitrated_in_2031", "lost", true, false],
] as const;

describe("a dispute", () => {
  it.each(statuses)("that is %s has the stage %s", (status, stage, pending, known) => {
    expect(disputeStage(status)).toBe(stage);
    expect(mayComeBack(status)).toBe(pending);
    expect(isKnownDispute(status)).toBe(known);
  });
});
