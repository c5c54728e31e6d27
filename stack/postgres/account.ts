import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Accounts that systems bring along; the stack creates none. */
const CANDIDATES = ["postgres", "_postgres", "nobody", "daemon"];

const run = promisify(execFile);

/**
 * The account that the database server runs under: PostgreSQL refuses to run as root, so for root it
 * is an existing unprivileged one, and for everybody else undefined, their own.
 */
export async function serverAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of CANDIDATES) {
    try {
      const [user, group] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
      const account = { uid: Number(user.stdout), gid: Number(group.stdout) };
      if (account.uid > 0 && account.gid > 0) return account;
    } catch {
      // No such account here: try the next.
    }
  }
  throw new Error(
    `PostgreSQL refuses to run as root, and this system has none of the accounts ${
      CANDIDATES.join(", ")
    }: start the stack as an ordinary user`,
  );
}
