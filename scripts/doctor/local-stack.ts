import { existsSync, lstatSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { UsageError } from "../operator.ts";

/** The file of a running stack in which its operator's variables are; stack/operator-env.ts writes it. */
export const OPERATOR_FILE = "operator.env";

/** Where stacks of this user keep their folders; root's may lie in /tmp, where the database's user can pass. */
export const stackFolders = (env: Readonly<Record<string, string | undefined>>): string[] => [
  ...new Set([env["TMPDIR"] ?? tmpdir(), "/tmp"]),
];

/**
 * Whether this user alone has written a file and may read it. In a temporary folder that all users share, anybody can make another
 * that names a database and a Stripe of their own.
 */
function isOurs(file: string): boolean {
  const [folder, itself] = [dirname(file), file].map((path) =>
    lstatSync(path, { throwIfNoEntry: false })
  );
  if (folder?.isDirectory() !== true || itself?.isFile() !== true) return false;
  const user = process.getuid?.();
  // Where there are no users in this sense, each has a temporary folder of their own.
  return user === undefined ||
    (folder.uid === user && itself.uid === user && (folder.mode & 0o022) === 0 &&
      (itself.mode & 0o077) === 0);
}

/**
 * The file of the one stack that runs on this machine. A stack's folder goes with it, so that what is there runs.
 *
 * @throws UsageError where none runs, or more than one
 */
export function localStackFile(folders: readonly string[]): string {
  const found = folders.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.startsWith("billingos-stack-"))
      .map((name) => join(folder, name, OPERATOR_FILE))
      .filter(isOurs)
  );
  const [first, ...others] = found;
  if (first === undefined) {
    throw new UsageError("--local: no stack runs here; start one with `npm start`");
  }
  if (others.length > 0) {
    throw new UsageError(
      `--local: ${found.length} stacks run here; name one with --env-file: ${found.join(" ")}`,
    );
  }
  return first;
}
