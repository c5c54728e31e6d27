import { readFileSync } from "node:fs";

/**
 * The process's state and its start time in clock ticks since boot, from /proc; undefined where the
 * system has none, or where the process is gone.
 *
 * @param {number} pid
 */
function inspect(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the command in brackets and may hold spaces and brackets itself.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", started: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}

/**
 * What tells a process from a later one with the same number. Empty where that cannot be known.
 *
 * @param {number} pid
 */
export function startTime(pid) {
  return inspect(pid)?.started ?? "";
}

/**
 * Whether this very process still runs. One that another user owns counts as running, one that has
 * ended and only waits to be collected by its parent does not.
 *
 * @param {number} pid
 * @param {string} started its `startTime`
 */
export function isRunning(pid, started) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const now = inspect(pid);
  if (now === undefined || started === "") return true;
  return now.started === started && now.state !== "Z";
}
