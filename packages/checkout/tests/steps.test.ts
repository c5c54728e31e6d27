import { expect, it } from "vitest";
import { errorTable } from "../../../shared/contract/error-table.ts";
import { operationErrors } from "../../../shared/contract/operation-errors.ts";
import { endingSentences } from "../../../shared/contract/sentences.ts";
import { CheckoutError, errorOf } from "../src/errors.ts";
import { fresh, mayBeginAnew, type Progress, stepOf } from "../src/react/steps.ts";
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

it.each(
  Object.entries(errorTable).filter(([code]) => new Set<string>(operationErrors.create).has(code)),
)(
  "a customer whom create has refused with %s is led to try again where that may help alone",
  (code, { retry, status }) => {
    const refusal = errorOf({ code, status, message: "" });
    // Of a session that is over, or was about a price that the subscription had before.
    const isOver = ["session_closed", "session_expired", "subscription_changed"].includes(code);
    expect(mayBeginAnew(refusal)).toBe(retry || isOver);
  },
);

it.each([
  ...Object.keys(endingSentences),
  ...Object.entries(errorTable).filter(([, { status }]) => status === 402).map(([code]) => code),
])("a session that came to nothing by %s is begun anew where create may open it", (code) => {
  const end = new CheckoutError({ code, message: "", status: 200 });
  const isRefusedAgain = new Set([
    "already_subscribed",
    "price_mismatch",
    "price_unavailable",
    "refund_failed",
  ]).has(code);
  expect(mayBeginAnew(end)).toBe(!isRefusedAgain);
});
