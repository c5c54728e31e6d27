import { fileURLToPath } from "node:url";
import { parseArgs, type ParseArgsConfig } from "node:util";
import type { Client } from "pg";
import { connectionRefusal, databaseClient } from "./database-url.ts";
import { reasonOf } from "./reason.ts";
import { processTty, type Tty } from "./tty.ts";
import { UsageError } from "./usage-error.ts";

export { UsageError };

/** As `parseArgs`, whose own refusals are the operator's mistakes. */
export function argumentsOf<const Config extends Omit<ParseArgsConfig, "args">>(
  { argv }: Pick<Terminal, "argv">,
  config: Config,
) {
  try {
    return parseArgs({ ...config, args: [...argv] });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "unreadable arguments");
  }
}

/**
 * The id of the organization that `--organization` names by the key of its catalogue, or by its id, which is taken as it is.
 * Throws `UsageError` where there is none of that key.
 */
export async function organizationNamed(client: Client, name: string | undefined): Promise<string> {
  if (name === undefined) throw new UsageError("--organization is missing");
  if (isRowId(name)) return name;
  const { rows: [row] } = await client.query<{ id: string }>(
    "select o.id from billing.organizations o where o.key = $1",
    [name],
  );
  if (row === undefined) {
    throw new UsageError(`no organization ${name}: --organization takes its key or its id`);
  }
  return row.id;
}

export const isRowId = (text: string): boolean =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/**
 * A connection with TLS to `url` or DATABASE_URL, as the role postgres; whoever asks for it ends it.
 *
 * @param option which option gives `url`, for what is said of it
 * @throws UsageError where neither is given, or it is malformed
 */
export async function connect(
  { env }: Pick<Terminal, "env">,
  url: string | undefined,
  option = "--database",
): Promise<Client> {
  const connectionString = url ?? env["DATABASE_URL"];
  if (connectionString === undefined || connectionString === "") {
    throw new UsageError(
      "DATABASE_URL is not set: the project's connection string, as postgres (or give --database)",
    );
  }
  const name = url === undefined ? "DATABASE_URL" : option;
  const client = databaseClient(connectionString, name);
  // A connection that is lost between two questions is told by the next one, and ends no program before it has said what is done.
  client.on("error", () => undefined);
  try {
    await client.connect();
    // The platform cancels after two minutes (https://supabase.com/docs/guides/database/postgres/timeouts), which an index on a
    // large table or one customer's export may need; who waits for a command can end it.
    await client.query("set statement_timeout = 0");
  } catch (error) {
    throw connectionRefusal(error, client, name);
  }
  return client;
}

/** One connection for one command; see connect. */
export async function onDatabase<Result>(
  { env }: Pick<Terminal, "env">,
  url: string | undefined,
  work: (client: Client) => Promise<Result>,
  option?: string,
): Promise<Result> {
  const client = await connect({ env }, url, option);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Where a command is typed: what it was given, and where it says something. */
export interface Terminal {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** How far a long command is; absent where no person looks on. */
  readonly progress?: (line: string) => void;
  /** Where a person sits at it. */
  readonly tty?: Tty | undefined;
}

/** Answers the exit code. */
export type Command = (terminal: Terminal) => Promise<number>;

/**
 * A command from its arguments to its exit code: what `main` answers, 0 if nothing; 1 with the reason on stderr where it throws;
 * 2 with the usage below it after a `UsageError`, so that a script tells bad input from a command that found something or failed.
 * Who asks for help gets the usage.
 */
export const command =
  (usage: string, main: (terminal: Terminal) => Promise<number | void>): Command =>
  async (terminal) => {
    if (terminal.argv.some((argument) => argument === "--help" || argument === "-h")) {
      terminal.out(usage);
      return 0;
    }
    try {
      return await main(terminal) ?? 0;
    } catch (error) {
      terminal.err(reasonOf(error));
      if (!(error instanceof UsageError)) return 1;
      terminal.err(`\n${usage}`);
      return 2;
    }
  };

/** Runs a command where its file is what was started, and not where a test imports it. */
export async function runIfMain(file: string, run: Command): Promise<void> {
  if (process.argv[1] !== fileURLToPath(file)) return;
  process.exitCode = await run({
    argv: process.argv.slice(2),
    env: process.env,
    out: console.log,
    err: console.error,
    ...(process.stderr.isTTY ? { progress: console.error } : {}),
    tty: processTty(process),
  });
}
