/** Milliseconds of work, the least of some runs: of this process alone, whatever else the machine is busy with. */
export function effort(run: () => unknown): number {
  return Math.min(...Array.from({ length: 4 }, () => {
    const before = process.cpuUsage();
    run();
    return process.cpuUsage(before).user / 1000;
  }));
}
