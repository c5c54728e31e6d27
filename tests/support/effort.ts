const TIMES = 16;
/** Milliseconds below which a run is too short to be measured. */
const MEASURABLE = 1;

/**
 * How many times as much work a text takes when it is sixteen times as long: some 16 where the work follows the length,
 * some 256 where it follows its square. Each side is the least of several runs, turn about, of this process alone: the
 * first runs also pay for compiling, and what else the machine does is not counted.
 */
export function growth(text: string, run: (text: string) => unknown): number {
  const long = text.repeat(TIMES);
  const rounds = Array.from(
    { length: 6 },
    () => [effort(() => run(text)), effort(() => run(long))],
  );
  const least = (side: number) => Math.min(...rounds.map((round) => round[side] ?? Infinity));
  return least(1) / Math.max(least(0), MEASURABLE);
}

/** Between growth with the length and growth with its square, as far from the one as from the other. */
export const QUADRATIC = TIMES ** 1.5;

function effort(run: () => unknown): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
