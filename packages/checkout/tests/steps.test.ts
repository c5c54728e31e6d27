import { expect, it } from "vitest";
import { fresh, type Progress, stepOf } from "../src/react/steps.ts";
import { created } from "./shown-session.ts";

const waiting: Progress = { ...fresh, session: { ...created, status: "requires_action" } };
const step = (known: Partial<Progress>) =>
  stepOf({ ...waiting, ...known, snapshot: undefined, lost: undefined });

it.each<[string, Partial<Progress>, string]>([
  ["waits for the bank", {}, "action"],
  ["is confirmed since, which the snapshot does not know yet", { isConfirmed: true }, "processing"],
  ["is paid otherwise since", { isConfirmed: true, isOtherwise: true }, "processing"],
  ["is to be paid otherwise", { isOtherwise: true }, "card"],
  ["is one that its customer has come back to from the bank", { isBack: true }, "processing"],
])("a session that %s is at its step", (_what, known, expected) => {
  expect(step(known)).toBe(expected);
});
