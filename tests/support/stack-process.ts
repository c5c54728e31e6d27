import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** `npm run stack -- --json` in a process of its own, with a temporary folder of its own. */
export interface StackProcess {
  /** Every line of standard output so far. */
  readonly lines: readonly string[];
  readonly errors: readonly string[];
  readonly child: ChildProcess;
  /** Settles at the first line of JSON. */
  readonly ready: Promise<Record<string, unknown>>;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** @param temporary the TMPDIR of the process; made by `temporaryFolder` */
export function spawnStack(temporary: string): StackProcess {
  const child = spawn("npm", ["run", "stack", "--", "--json"], {
    cwd: root,
    env: { ...process.env, TMPDIR: temporary },
    // A process group of its own, which a test can send what a terminal sends at Ctrl-C.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const errors: string[] = [];
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  const ready = new Promise<Record<string, unknown>>((resolve, reject) => {
    let rest = "";
    child.stdout.on("data", (chunk: Buffer) => {
      const parts = (rest + chunk.toString()).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
      const [first] = parts;
      if (first !== undefined) resolve(asRecord(first));
    });
    void exited.then(() => reject(new Error(`the stack ended:\n${errors.join("")}`)));
  });
  ready.catch(() => undefined);
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
  return { lines, errors, child, ready, exited };
}

function asRecord(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** A temporary folder that others can pass through, as /tmp is. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "billingos test "));
  await chmod(path, 0o711);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Processes whose command line names the folder: all that a stack starts there. */
export async function processesOf(temporary: string): Promise<string[]> {
  const { stdout } = await run("ps", ["-eo", "pid=,stat=,args="]);
  return stdout.split("\n").filter((line) => line.includes(temporary) && !/^\s*\d+\s+Z/.test(line));
}

/** The number of the process that serves: npm started it, and it is the parent of the rest. */
export async function serverPid(temporary: string): Promise<number> {
  const [folder] = await readdir(temporary);
  const [pid] = (await readFile(join(temporary, folder ?? "", "owner"), "utf8")).split(",");
  return Number(pid);
}

/** Whether something accepts connections at a URL's port. */
export async function isListening(url: string): Promise<boolean> {
  const socket = createConnection({ host: "127.0.0.1", port: Number(new URL(url).port) });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
