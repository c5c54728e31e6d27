import { describe, expect, it } from "vitest";
import { drift, type Value } from "../../../scripts/backfill/finding.ts";
import type { Outcome, Resumed } from "../../../scripts/backfill/outcome.ts";
import { line, resumedLine, tallyOf, tell } from "../../../scripts/backfill/report.ts";

describe("facts that differ", () => {
  const facts = { id: "sub_1", status: "active", cancelAt: null, quantity: 1, scheduled: false };

  it("are none where row and Stripe say the same", () => {
    expect(drift(facts, { ...facts })).toEqual([]);
  });

  it("are none where one side leaves out what the other has not", () => {
    expect(drift({ ...facts, cancelAt: undefined }, facts)).toEqual([]);
    expect(drift(facts, { id: "sub_1", status: "active", quantity: 1, scheduled: false })).toEqual(
      [],
    );
  });

  it.each<[string, string, Value, Value]>([
    ["a status", "status", "active", "canceled"],
    ["a date that came", "cancelAt", null, 1_800_000_000],
    ["a number", "quantity", 1, 2],
    ["a flag", "scheduled", false, true],
  ])("name %s with both sides", (_what, field, here, atStripe) => {
    expect(drift({ ...facts, [field]: atStripe }, facts)).toEqual([{ field, here, atStripe }]);
  });

  it("are found where the row has no such fact at all", () => {
    expect(drift({ a: 0 }, {})).toEqual([{ field: "a", here: null, atStripe: 0 }]);
  });
});

const outcome = (more: Partial<Outcome>): Outcome => ({
  account: null,
  kind: "subscription",
  stripeId: "sub_1",
  problem: "differs",
  ...more,
});

describe("a report", () => {
  const run = { since: "2026-01-01T00:00:00.000Z", applied: true, accounts: 1 };

  it.each<[string, Partial<Outcome>, number]>([
    ["what was brought in line", { repaired: true }, 0],
    ["what was given back", { problem: "unfinished", repaired: true, givenBack: true }, 0],
    ["what somebody else sold", { problem: "foreign", repaired: false }, 0],
    ["what was not", { repaired: false }, 1],
    ["what was only looked at", {}, 1],
    ["what is at Stripe no more", { problem: "gone", repaired: false }, 1],
    ["a surplus one", { problem: "surplus", repaired: false }, 1],
  ])("counts %s", (_what, more, left) => {
    expect(tallyOf(run, [outcome(more)], [])).toMatchObject({ left });
  });

  it("says what differs, on which account, and what came of it", () => {
    const fields = [{ field: "status", here: "active", atStripe: "canceled" }];
    expect(line(outcome({ account: "acct_1", fields, repaired: true })).split("\n")).toEqual([
      "subscription sub_1 on acct_1 differs: status active -> canceled",
      "  brought in line",
    ]);
  });

  it("says of what was given back that it was", () => {
    const given = outcome({ problem: "unfinished", repaired: true, givenBack: true });
    expect(line(given)).toMatch(/\n {2}given back/);
    const said: string[] = [];
    tell({ out: (one) => said.push(one) }, tallyOf(run, [given], []));
    expect(said).toEqual([
      "1 Stripe accounts: 1 unfinished; 1 brought in line (1 given back), 0 left",
    ]);
  });

  it.each<[string, Resumed, string]>([
    [
      "half-way",
      { account: "acct_1", stage: "refunds", left: 2 },
      "acct_1: goes on from refunds, 2 left until there",
    ],
    [
      "at the end of an account",
      { account: null, stage: "done", left: 2 },
      "own account: was gone through before, 2 left until there",
    ],
  ])(
    "is not all in line where a run that was stopped %s had left something",
    (_where, resumed, told) => {
      expect(resumedLine(resumed)).toBe(told);
      const said: string[] = [];
      const tally = tallyOf(run, [], [resumed]);
      tell({ out: (one) => said.push(one) }, tally);
      expect(tally.left).toBe(2);
      expect(said).toEqual(["1 Stripe accounts: 2 left before; 0 brought in line, 2 left"]);
    },
  );
});
