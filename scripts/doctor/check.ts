import type { Project } from "./project.ts";

/** A failure stops or loses something now; a warning will, or may be meant. */
export type Severity = "warning" | "failure";

/** One thing that a check can find, the same wherever it is found. */
export interface Kind {
  readonly severity: Severity;
  /** What to do, in one sentence; docs/operations.md says more under the finding's name. */
  readonly fix: string;
}

/** What was found: `<check>.<finding>`, which scripts may rely on. */
export interface Finding extends Kind {
  readonly name: string;
  readonly sentence: string;
}

/** One entry of the list in checks/index.ts. */
export interface Check {
  readonly name: string;
  /** By their full names. */
  readonly findings: ReadonlyMap<string, Kind>;
  /** Looks, and changes nothing. Rejects where it cannot look. */
  readonly run: (project: Project) => Promise<readonly Finding[]>;
}

/** What a judgment says of one of its check's findings. */
export interface Told<Name extends string> {
  readonly finding: Name;
  readonly sentence: string;
}

export interface CheckSpec<Name extends string, Reading> {
  readonly name: string;
  readonly findings: Readonly<Record<Name, Kind>>;
  /** Everything that the judgment needs. */
  readonly read: (project: Project) => Promise<Reading>;
  /** Pure: what is wrong with what was read. */
  readonly judge: (reading: Reading) => readonly Told<Name>[];
}

/** A check of a reading and a judgment; the judgment alone is what its unit test calls. */
export function check<Name extends string, Reading>(
  { name, findings, read, judge }: CheckSpec<Name, Reading>,
): Check & { readonly judge: (reading: Reading) => readonly Finding[] } {
  const judged = (reading: Reading): Finding[] =>
    judge(reading).map(({ finding, sentence }) => {
      const { severity, fix } = findings[finding];
      return { name: `${name}.${finding}`, severity, sentence, fix };
    });
  const kinds = Object.entries<Kind>(findings);
  return {
    name,
    findings: new Map(kinds.map(([finding, kind]) => [`${name}.${finding}`, kind])),
    judge: judged,
    run: async (project) => judged(await read(project)),
  };
}

/** `condition` tells whether it is told: the items that hold, in order. */
export const told = <Name extends string>(
  ...each: readonly (readonly [condition: boolean, finding: Name, sentence: string])[]
): Told<Name>[] =>
  each.filter(([condition]) => condition).map(([, finding, sentence]) => ({ finding, sentence }));
