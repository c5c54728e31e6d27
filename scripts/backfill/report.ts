import type { Terminal } from "../operator.ts";
import type { Difference, Problem } from "./finding.ts";
import type { Outcome } from "./walk.ts";

const sentences: Readonly<Record<Problem, string>> = {
  differs: "differs",
  missing: "has no row",
  unfinished: "is of a checkout that has not come to its end",
  surplus: "is of a checkout that ended without it; its event ends it, or somebody at Stripe",
  gone: "is not at Stripe, under this key",
  failed: "could not be compared; the reason is above",
  foreign: "was not sold here; nothing is done about it",
};

const shown = ({ field, here, atStripe }: Difference) => `${field} ${here} -> ${atStripe}`;

export function line({ account, kind, stripeId, problem, fields, repaired }: Outcome): string {
  return [
    `${kind} ${stripeId}${account === null || kind === "account" ? "" : ` on ${account}`} ${
      sentences[problem]
    }${fields === undefined ? "" : `: ${fields.map(shown).join(", ")}`}`,
    ...(repaired === true ? ["  brought in line"] : []),
    ...(repaired === false && problem !== "foreign" ? ["  left as it is"] : []),
  ].join("\n");
}

/** Whether it is no concern any more: brought in line, or never ours. */
export const isSettled = ({ problem, repaired }: Outcome): boolean =>
  repaired === true || problem === "foreign";

/** What a run came to. */
export interface Tally {
  readonly since: string;
  readonly applied: boolean;
  readonly accounts: number;
  readonly counts: Readonly<Record<Problem, number>>;
  readonly repaired: number;
  /** What is not in line when the run ends. */
  readonly left: number;
}

export function tallyOf(
  run: Pick<Tally, "since" | "applied" | "accounts">,
  outcomes: readonly Outcome[],
): Tally {
  const counts = {
    differs: 0,
    missing: 0,
    unfinished: 0,
    surplus: 0,
    gone: 0,
    failed: 0,
    foreign: 0,
  };
  for (const { problem } of outcomes) counts[problem] += 1;
  const left = outcomes.filter((one) => !isSettled(one)).length;
  const repaired = outcomes.filter((one) => one.repaired === true).length;
  return { ...run, counts, repaired, left };
}

export function tell({ out }: Pick<Terminal, "out">, tally: Tally): void {
  const { accounts, counts, repaired, left, applied } = tally;
  const parts = Object.entries(counts).filter(([, count]) => count > 0)
    .map(([problem, count]) => `${count} ${problem}`);
  out(
    `${accounts} Stripe accounts: ${parts.length === 0 ? "all in line" : parts.join(", ")}${
      applied ? `; ${repaired} brought in line, ${left} left` : ""
    }`,
  );
  if (!applied && left > 0) out("nothing was written; --apply brings in line what can be");
}
