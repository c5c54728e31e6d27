import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { chmod, mkdtemp, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startTime } from "./identity.mjs";

/** The temporary folder of one running stack, and the list of the processes that belong to it. */
export interface RunFolder {
  readonly path: string;
  /** Puts a process on the list of those that must not outlive this one. */
  adopt(pid: number, signal: NodeJS.Signals): void;
  /** Removes the folder. The processes must have ended. */
  remove(): Promise<void>;
}

/**
 * Opens a folder under the system's temporary folder and starts its reaper, which kills the adopted
 * processes and removes the folder when this process is killed, and at its own start clears what
 * earlier stacks left.
 */
export async function openRunFolder(): Promise<RunFolder> {
  const path = await mkdtemp(join(await temporaryFolder(), "billingos-stack-"));
  // Others may pass through (the database runs as another user when we are root), not look.
  await chmod(path, 0o711);
  await writeFile(join(path, "owner"), line(process.pid, "SIGKILL"), { mode: 0o600 });
  const reaper = spawn(
    process.execPath,
    [fileURLToPath(new URL("reaper.mjs", import.meta.url)), path],
    { detached: true, stdio: ["pipe", "ignore", "ignore"], env: {} },
  );
  await once(reaper, "spawn");
  letGo(reaper);
  return {
    path,
    adopt: (pid, signal) =>
      appendFileSync(join(path, "children"), line(pid, signal), { mode: 0o600 }),
    remove: async () => {
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      if (reaper.exitCode !== null || reaper.signalCode !== null) return;
      reaper.ref();
      const ended = once(reaper, "exit");
      reaper.stdin?.destroy();
      await ended;
    },
  };
}

/**
 * The system's temporary folder, unless we are root and it lies where other users cannot pass (the
 * database server then runs as another user).
 */
async function temporaryFolder(): Promise<string> {
  const path = await realpath(tmpdir());
  if (process.getuid?.() !== 0) return path;
  for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return "/tmp";
  }
  return path;
}

const line = (pid: number, signal: NodeJS.Signals) => `${pid},${startTime(pid)},${signal}\n`;

/** The reaper must not keep this process from ending. */
function letGo(reaper: ChildProcess): void {
  reaper.unref();
  reaper.stdin?.on("error", () => undefined);
  const pipe: unknown = reaper.stdin;
  if (hasUnref(pipe)) pipe.unref();
}

function hasUnref(pipe: unknown): pipe is { unref(): void } {
  return typeof pipe === "object" && pipe !== null && "unref" in pipe &&
    typeof pipe.unref === "function";
}
