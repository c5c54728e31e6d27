import type { Finding } from "./finding.ts";

/** What a run found, and what became of it. */
export interface Outcome extends Pick<Finding, "kind" | "stripeId" | "problem" | "fields"> {
  readonly account: string | null;
  /** Undefined where the run only looks. */
  readonly repaired?: boolean;
  /** It was of a checkout that could no longer be completed. */
  readonly givenBack?: true;
}

/** Whether it is no concern any more: brought in line, or never ours. */
export const isSettled = ({ problem, repaired }: Outcome): boolean =>
  repaired === true || problem === "foreign";

/** Where a run went on that had been stopped. */
export interface Resumed {
  readonly account: string | null;
  /** The list that it went on with, or `done`. */
  readonly stage: string;
  /** How much was found before and is not in line; the run that was stopped has told it, and this one does not look again. */
  readonly left: number;
}
