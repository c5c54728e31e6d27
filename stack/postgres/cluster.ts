import { execFile } from "node:child_process";
import { chown, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Child, startChild } from "../process/child.ts";
import { freePort } from "../process/port.ts";
import type { RunFolder } from "../process/run-folder.ts";
import { type Account, serverAccount } from "./account.ts";
import { SERVER_ENV, serverBinaries } from "./binaries.ts";

const run = promisify(execFile);

/** The platform's superuser. Nothing of the product connects as it. */
export const SUPERUSER = "supabase_admin";

/** A data directory with the programs that serve it. */
export interface Cluster {
  readonly data: string;
  readonly bin: string;
  readonly account: Account | undefined;
  readonly folder: RunFolder;
}

export const INITDB = [
  `--username=${SUPERUSER}`,
  "--auth=scram-sha-256",
  "--encoding=UTF8",
  // The platform sorts by bytes of UTF-8; the built-in provider needs no locale of the system.
  "--locale=C",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  "--wal-segsize=1",
  "--no-sync",
  "--no-instructions",
];

/** A cluster without data, in a folder. */
export async function placeCluster(folder: RunFolder): Promise<Cluster> {
  const account = await serverAccount();
  const bin = await serverBinaries(account, folder.path);
  return { data: join(folder.path, "postgres-data"), bin, account, folder };
}

/** Creates an empty database cluster whose superuser has this password. */
export async function createCluster(folder: RunFolder, password: string): Promise<Cluster> {
  const cluster = await placeCluster(folder);
  const { data, bin, account } = cluster;
  const secret = join(folder.path, "postgres-password");
  await mkdir(data, { mode: 0o700 });
  await writeFile(secret, `${password}\n`, { mode: 0o600, flag: "wx" });
  if (account !== undefined) {
    await chown(data, account.uid, account.gid);
    await chown(secret, account.uid, account.gid);
  }
  await run(join(bin, "initdb"), [
    `--pgdata=${data}`,
    `--pwfile=${secret}`,
    ...INITDB,
  ], { env: SERVER_ENV, cwd: folder.path, ...account });
  await rm(secret);
  return cluster;
}

export interface ServerOptions {
  /** A free one by default. */
  readonly port?: number;
  /** Whether commits survive a crash of the operating system; off by default, the data is scratch. */
  readonly fsync?: boolean;
  /** How it is ended: `SIGQUIT` at once, which the next start recovers from, `SIGINT` with all on disk. */
  readonly stopSignal?: "SIGQUIT" | "SIGINT";
  readonly onLine?: (line: string) => void;
}

/** Starts the server on 127.0.0.1 and answers when it accepts connections. */
export async function serve(
  cluster: Cluster,
  options: ServerOptions,
): Promise<Child<true> & { readonly port: number }> {
  const tries = options.port === undefined ? 3 : 1;
  for (let attempt = 1;; attempt++) {
    const port = options.port ?? await freePort();
    try {
      const child = await startChild({
        name: "PostgreSQL",
        command: join(cluster.bin, "postgres"),
        args: ["-D", cluster.data, ...settings(port, options.fsync ?? false)],
        env: SERVER_ENV,
        cwd: cluster.folder.path,
        folder: cluster.folder,
        // Both end its own processes and free its shared memory.
        stopSignal: options.stopSignal ?? "SIGQUIT",
        ready: (line) => line.includes("ready to accept connections") ? true : undefined,
        ...(cluster.account === undefined ? {} : { identity: cluster.account }),
        ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
      });
      return { ...child, port };
    } catch (error) {
      const taken = error instanceof Error && error.message.includes("could not bind");
      if (!taken || attempt >= tries) throw error;
    }
  }
}

function settings(port: number, fsync: boolean): string[] {
  const values = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    // Realtime reads what it delivers by logical replication.
    wal_level: "logical",
    max_wal_senders: "20",
    max_replication_slots: "20",
    max_connections: "120",
    shared_buffers: "64MB",
    // As on the platform, where its extension is at home.
    shared_preload_libraries: "pg_stat_statements",
    // Inside the data directory, so that a killed server leaves nothing in /dev/shm.
    dynamic_shared_memory_type: "mmap",
    fsync: fsync ? "on" : "off",
    full_page_writes: fsync ? "on" : "off",
    jit: "off",
    timezone: "UTC",
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}
