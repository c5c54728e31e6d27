import type { Measure } from "../figure.ts";

/**
 * Several rows that tell of one run: it is made when the first of them is measured, and again once one of them is measured
 * a second time.
 */
export function sharedRun<Outcome>(run: () => Promise<Outcome>) {
  let last: Promise<Outcome> | undefined;
  const told = new Set<string>();
  return (name: string, pick: (outcome: Outcome) => number): Measure => async () => {
    if (last === undefined || told.has(name)) {
      last = run();
      told.clear();
    }
    told.add(name);
    return pick(await last);
  };
}
