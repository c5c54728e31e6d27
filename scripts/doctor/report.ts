import type { Terminal } from "../operator.ts";
import { reasonOf } from "../reason.ts";
import type { Finding, Severity } from "./check.ts";
import { checks } from "./checks/index.ts";
import type { Project } from "./project.ts";

/** What came of one check. */
export interface Outcome {
  readonly name: string;
  readonly status: "ok" | Severity;
  readonly findings: readonly Finding[];
}

/** What every check can find. */
export const unchecked = {
  name: "doctor.unchecked",
  severity: "failure",
  fix: "remove the cause; what the check would have said is not known",
} as const satisfies Omit<Finding, "sentence">;

/** @param skipped names of checks that are left out */
export async function examine(target: Project, skipped: readonly string[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  // One after the other: they share a connection, and what explains the rest is told first.
  for (const { name, run } of checks) {
    if (skipped.includes(name)) continue;
    const findings = await run(target).catch((error: unknown): Finding[] => [{
      ...unchecked,
      sentence: `${name} could not be checked: ${reasonOf(error)}`,
    }]);
    const failed = findings.some(({ severity }) => severity === "failure");
    const status = failed ? "failure" : findings.length > 0 ? "warning" : "ok";
    outcomes.push({ name, status, findings });
  }
  return outcomes;
}

export function tell({ out }: Pick<Terminal, "out">, outcomes: readonly Outcome[]): void {
  for (const { name, status, findings } of outcomes) {
    out(`${status.padEnd(8)} ${name}`);
    for (const finding of findings) {
      out(`         ${finding.severity}: ${finding.sentence} (${finding.name})`);
      out(`         fix: ${finding.fix}`);
    }
  }
  const count = (severity: Severity) =>
    outcomes.flatMap(({ findings }) => findings).filter((one) => one.severity === severity).length;
  out(`${outcomes.length} checks, ${count("failure")} failures, ${count("warning")} warnings`);
}

/** Whether nothing is a failure; warnings may be. */
export const isWell = (outcomes: readonly Outcome[]): boolean =>
  outcomes.every(({ status }) => status !== "failure");
