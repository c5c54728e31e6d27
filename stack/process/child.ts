import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { RunFolder } from "./run-folder.ts";

export interface ChildOptions<Ready> {
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Only where this process is root. */
  readonly identity?: { readonly uid: number; readonly gid: number };
  readonly folder: RunFolder;
  /** How the program is asked to end at once, leaving nothing behind. */
  readonly stopSignal: NodeJS.Signals;
  /** Looks at each line of output until it answers something: the child is ready. */
  readonly ready: (line: string) => Ready | undefined;
  readonly timeoutMs?: number;
  readonly onLine?: (line: string) => void;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child<Ready> {
  readonly pid: number;
  readonly ready: Ready;
  /** Settles when the process has ended, for whatever reason. Never rejects. */
  readonly exited: Promise<ChildExit>;
  /** Sends the signal and waits for the end; after five seconds the process is killed. */
  stop(signal?: NodeJS.Signals): Promise<ChildExit>;
}

const KEPT_LINES = 30;

/**
 * Starts a program and waits until it says that it is ready. Rejects with the last lines of its output
 * when it ends before, or takes longer than `timeoutMs` (default 30 s). It runs in a process group of
 * its own, so that Ctrl-C reaches only the stack, which ends its children in order.
 */
export async function startChild<Ready>(options: ChildOptions<Ready>): Promise<Child<Ready>> {
  const { name, folder, stopSignal } = options;
  const child = spawn(options.command, options.args, {
    env: options.env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...options.identity,
  });
  const exited = new Promise<ChildExit>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }));
    child.once("error", () => resolve({ code: null, signal: null }));
  });
  if (child.pid !== undefined) folder.adopt(child.pid, stopSignal);

  const last: string[] = [];
  const stop = (signal: NodeJS.Signals = stopSignal): Promise<ChildExit> => {
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
    return exited.finally(() => clearTimeout(timer));
  };

  const ready = await new Promise<Ready>((resolve, reject) => {
    const fail = (why: string) => reject(new Error([`${name} ${why}`, ...last].join("\n  ")));
    const timer = setTimeout(() => fail("is not ready in time"), options.timeoutMs ?? 30_000);
    let waiting = true;
    const read = (line: string) => {
      options.onLine?.(line);
      if (!waiting) return;
      last.push(line);
      if (last.length > KEPT_LINES) last.shift();
      const value = options.ready(line);
      if (value === undefined) return;
      waiting = false;
      clearTimeout(timer);
      resolve(value);
    };
    createInterface(child.stdout).on("line", read);
    createInterface(child.stderr).on("line", read);
    child.once("error", (error) => {
      clearTimeout(timer);
      fail(`cannot be started: ${error.message}`);
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      fail(`ended before it was ready (${signal ?? `code ${code ?? "unknown"}`})`);
    });
  }).catch(async (error: unknown) => {
    if (child.pid !== undefined) await stop("SIGKILL");
    throw error;
  });

  return { pid: child.pid ?? 0, ready, exited, stop };
}
