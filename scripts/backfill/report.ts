import type { Terminal } from "../operator.ts";
import type { Difference, Finding, Problem } from "./finding.ts";
import { isSettled, type Outcome, type Resumed } from "./outcome.ts";

const sentences: Readonly<Record<Problem, string>> = {
  differs: "differs",
  missing: "has no row",
  unfinished: "is of a checkout that has not come to its end",
  surplus: "is of a checkout that ended without it; its event ends it, or somebody at Stripe",
  gone: "is not at Stripe, under this key",
  failed: "could not be compared; the reason is above",
  lost: "is of a checkout that is in no row here",
  foreign: "was not sold here; nothing is done about it",
};

/** What a person has to do about what was sold by a checkout that nobody here knows of any more. */
const todo: Partial<Readonly<Record<Finding["kind"], string>>> = {
  subscription:
    "its customer has none of its features: --apply takes it in; where it cannot, cancel it at Stripe and refund it, or see to what the line above names",
  payment:
    "it has brought nothing that is known here: where --apply still tells of it, refund it at Stripe, or see there what it was for",
};

const shown = ({ field, here, atStripe }: Difference) => `${field} ${here} -> ${atStripe}`;

export function line(
  { account, kind, stripeId, problem, fields, repaired, givenBack }: Outcome,
): string {
  return [
    `${kind} ${stripeId}${account === null || kind === "account" ? "" : ` on ${account}`} ${
      sentences[problem]
    }${fields === undefined ? "" : `: ${fields.map(shown).join(", ")}`}`,
    ...(givenBack === true
      ? ["  given back: the checkout could not be completed, and its subscription is ended"]
      : repaired === true
      ? ["  brought in line"]
      : []),
    ...(repaired === false && problem !== "foreign" ? ["  left as it is"] : []),
    ...(problem === "lost" && repaired !== true && todo[kind] !== undefined
      ? [`  ${todo[kind]}`]
      : []),
  ].join("\n");
}

const nameOf = (account: string | null) => account ?? "own account";

export const resumedLine = ({ account, stage, left }: Resumed): string =>
  `${nameOf(account)}: ${
    stage === "done" ? "was gone through before" : `goes on from ${stage}`
  }, ${left} left until there`;

/** What a run came to. */
export interface Tally {
  readonly since: string;
  readonly applied: boolean;
  readonly accounts: number;
  readonly counts: Readonly<Record<Problem, number>>;
  readonly repaired: number;
  /** How many of these were given back. */
  readonly givenBack: number;
  /** What is not in line when the run ends, with what a run that was stopped had left. */
  readonly left: number;
  /** Where it did not begin at the beginning. */
  readonly resumed: readonly Resumed[];
}

export function tallyOf(
  run: Pick<Tally, "since" | "applied" | "accounts">,
  outcomes: readonly Outcome[],
  resumed: readonly Resumed[],
): Tally {
  const counts = {
    differs: 0,
    missing: 0,
    unfinished: 0,
    surplus: 0,
    gone: 0,
    failed: 0,
    lost: 0,
    foreign: 0,
  };
  for (const { problem } of outcomes) counts[problem] += 1;
  const before = resumed.reduce((sum, one) => sum + one.left, 0);
  const left = before + outcomes.filter((one) => !isSettled(one)).length;
  const repaired = outcomes.filter((one) => one.repaired === true).length;
  const givenBack = outcomes.filter((one) => one.givenBack === true).length;
  return { ...run, counts, repaired, givenBack, left, resumed };
}

export function tell({ out }: Pick<Terminal, "out">, tally: Tally): void {
  const { accounts, counts, repaired, givenBack, left, applied, resumed } = tally;
  const before = resumed.reduce((sum, one) => sum + one.left, 0);
  const parts = Object.entries(counts).filter(([, count]) => count > 0)
    .map(([problem, count]) => `${count} ${problem}`);
  if (before > 0) parts.push(`${before} left before`);
  out(
    `${accounts} Stripe accounts: ${parts.length === 0 ? "all in line" : parts.join(", ")}${
      applied
        ? `; ${repaired} brought in line${
          givenBack > 0 ? ` (${givenBack} given back)` : ""
        }, ${left} left`
        : ""
    }`,
  );
  if (!applied && left > 0) out("nothing was written; --apply brings in line what can be");
}
