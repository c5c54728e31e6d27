const IMPATIENT_MS = 1_000;

/**
 * Settles at the first SIGINT, SIGTERM or SIGHUP. A SIGINT that comes more than a second later ends the
 * process at once, and the reaper does the rest; one that comes with the first is the same Ctrl-C, which
 * a terminal and npm both pass on. Call it before anything is started, so that no signal finds the
 * default action.
 */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | undefined;
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(name, () => {
        first ??= performance.now();
        if (name === "SIGINT" && performance.now() - first > IMPATIENT_MS) process.exit(130);
        resolve(name);
      });
    }
  });
}
