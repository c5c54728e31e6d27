import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { OPERATOR_FILE } from "../scripts/doctor/local-stack.ts";
import type { Stack } from "./types.ts";

/** What an operator's commands read, of a stack: what the functions are given, and the database. */
export function operatorEnvironment(
  { info, environment }: Pick<Stack, "info" | "environment">,
): Readonly<Record<string, string>> {
  return { DATABASE_URL: info.databaseUrl, ...environment };
}

/**
 * Writes it beside the stack's log, readable by this user alone, for a shell and for `npm run doctor -- --local`. It goes with the
 * stack's folder, also where the stack is killed.
 *
 * @returns the file
 */
export async function writeOperatorFile(stack: Stack): Promise<string> {
  const file = join(dirname(stack.logs.file), OPERATOR_FILE);
  const lines = Object.entries(operatorEnvironment(stack))
    // Of all these values none has an apostrophe: they are URLs, base64url and JSON of such.
    .map(([name, value]) => `${name}='${value}'\n`);
  await writeFile(file, lines.join(""), { mode: 0o600 });
  return file;
}
