// The stack's executor: `node reaper.mjs <run folder>`, with its standard input a pipe from the stack.
// The pipe closes when the stack ends in whatever way, SIGKILL included. What the stack then left
// behind (processes, folders) is removed here. Plain JavaScript without dependencies, so that it
// starts in a few milliseconds and cannot break with the rest.
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning } from "./identity.mjs";

const PREFIX = "billingos-stack-";
const ASKED_MS = 3_000;
/** A folder without an owner's file belongs to a stack that is just being born. */
const NEWBORN_MS = 60_000;

/** @typedef {{ pid: number, started: string, signal: NodeJS.Signals }} Listed */

/**
 * Reads lines of `pid,start time,signal`.
 *
 * @param {string} file
 * @returns {Listed[]} empty when there is no such file
 */
function readList(file) {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean).map((line) => {
      const [pid, started, signal] = line.split(",");
      return {
        pid: Number(pid),
        started: started ?? "",
        signal: signal === "SIGQUIT" ? signal : "SIGKILL",
      };
    });
  } catch {
    return [];
  }
}

/**
 * @param {Listed} child
 * @param {NodeJS.Signals} signal
 */
function send(child, signal) {
  try {
    if (isRunning(child.pid, child.started)) process.kill(child.pid, signal);
  } catch {
    // It ended between the question and the signal, or belongs to someone else by now.
  }
}

/** @param {string} dead the folder of a stack that is no more */
async function clear(dead) {
  const children = readList(join(dead, "children"));
  for (const child of children) send(child, child.signal);
  const until = Date.now() + ASKED_MS;
  while (Date.now() < until && children.some((child) => isRunning(child.pid, child.started))) {
    await sleep(20);
  }
  for (const child of children) send(child, "SIGKILL");
  rmSync(dead, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/**
 * Clears after stacks whose executor was killed with them (a whole container stopped, say).
 *
 * @param {string} own
 */
async function clearForgotten(own) {
  const parent = dirname(own);
  for (const name of readdirSync(parent)) {
    const other = join(parent, name);
    if (!name.startsWith(PREFIX) || other === own) continue;
    try {
      const { uid, mtimeMs } = statSync(other);
      if (process.getuid?.() !== uid) continue;
      const [owner] = readList(join(other, "owner"));
      const forgotten = owner === undefined
        ? Date.now() - mtimeMs > NEWBORN_MS
        : !isRunning(owner.pid, owner.started);
      if (forgotten) await clear(other);
    } catch {
      // Another reaper was there first.
    }
  }
}

const folder = process.argv[2];
if (folder === undefined) throw new Error("usage: node reaper.mjs <run folder>");

// Ctrl-C and the like are for the stack; its end is seen on the pipe.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => undefined);

const orphaned = new Promise((resolve) => {
  process.stdin.on("end", resolve).on("error", resolve).resume();
});
await clearForgotten(folder);
await orphaned;
await clear(folder);
