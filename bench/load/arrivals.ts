import { setTimeout as sleep } from "node:timers/promises";

/**
 * Lets one thing after the other begin when the clock says so, whatever became of those before: a slow answer keeps nobody from
 * coming, and who had to wait counts with the wait. Each is told when it was due, by `performance.now()`.
 */
export function arrivals<Who, Outcome>(
  all: readonly Who[],
  perSecond: number,
  begin: (one: Who, due: number) => Promise<Outcome>,
): Promise<readonly Outcome[]> {
  const begun = performance.now();
  return Promise.all(
    all.map(async (one, index) => {
      const due = begun + index * 1000 / perSecond;
      await sleep(Math.max(0, due - performance.now()));
      return begin(one, due);
    }),
  );
}
