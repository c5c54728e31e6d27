import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../operator.ts";

/** The file of a running stack in which its operator's variables are; stack/operator-env.ts writes it. */
export const OPERATOR_FILE = "operator.env";

/** Where stacks of this user keep their folders; root's may lie in /tmp, where the database's user can pass. */
export const stackFolders = (env: Readonly<Record<string, string | undefined>>): string[] => [
  ...new Set([env["TMPDIR"] ?? tmpdir(), "/tmp"]),
];

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
      .filter((file) => existsSync(file))
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
