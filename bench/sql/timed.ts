import type { Measure } from "../figure.ts";
import { percentile } from "../statistics.ts";
import type { Connection } from "./connection.ts";

/**
 * Of so many calls the one that a tenth are faster than: what a call costs where nothing else took the core meanwhile, and no
 * single lucky one.
 */
const undisturbed = (times: readonly number[]): number => percentile(times, 10);

/** Milliseconds of an undisturbed one of so many calls, one after the other. */
export const timed = (calls: number, call: () => Promise<unknown>): Measure => async () => {
  const times: number[] = [];
  for (let made = 0; made < calls; made += 1) {
    const begun = performance.now();
    await call();
    times.push(performance.now() - begun);
  }
  return undisturbed(times);
};

/** Milliseconds of one of so many in a loop of plpgsql, which keeps the plan: what the server alone spends. */
export const inServer =
  (connection: Connection, calls: number, selected: string): Measure => async () => {
    const loop = `do $$ begin for i in 1..${calls} loop perform ${selected}; end loop; end $$`;
    const begun = performance.now();
    await connection.run(loop);
    return (performance.now() - begun) / calls;
  };

/** Milliseconds of an undisturbed one of what changes something: each in a transaction of its own that is taken back; what it needs is made before. */
export const timedRolledBack = <T>(
  connection: Connection,
  calls: number,
  prepare: () => Promise<T>,
  call: (prepared: T) => Promise<unknown>,
): Measure =>
async () => {
  const times: number[] = [];
  for (let made = 0; made < calls; made += 1) {
    await connection.run("begin");
    try {
      const prepared = await prepare();
      const begun = performance.now();
      await call(prepared);
      times.push(performance.now() - begun);
    } finally {
      await connection.run("rollback");
    }
  }
  return undisturbed(times);
};
