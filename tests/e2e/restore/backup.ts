import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import type { Arena } from "../../chaos/arena.ts";

const run = promisify(execFile);

export interface Backup {
  /** What `--since` is to be. */
  readonly takenAt: string;
  /** Puts the database back to it, in its place. */
  restore(): Promise<void>;
}

/**
 * A physical backup, as the platform makes them (https://supabase.com/docs/guides/platform/backups): of all that is in the cluster, and of
 * nothing else. The project is out of reach while one is put back, as it is there.
 */
export async function takeBackup({ stack, query }: Arena): Promise<Backup> {
  const [row] = await query<{ path: string }>("select current_setting('data_directory') as path");
  if (row === undefined) throw new Error("the cluster is nowhere");
  const { path } = row;
  // In the stack's folder, and gone with it.
  const copy = `${path}-backup`;
  const standingStill = async (work: () => Promise<unknown>) => {
    await stack.postgrest.halt();
    await stack.postgres.halt();
    await work();
    await stack.postgres.resume();
    await stack.postgrest.resume();
  };
  await standingStill(() => run("cp", ["-a", path, copy]));
  return {
    takenAt: new Date().toISOString(),
    restore: () =>
      standingStill(async () => {
        await rm(path, { recursive: true });
        await run("cp", ["-a", copy, path]);
      }),
  };
}
