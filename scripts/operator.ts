import { parseArgs, type ParseArgsConfig } from "node:util";
import { Client } from "pg";

/** The operator asked for something that is not there or not allowed; the message says what, and the usage follows. */
export class UsageError extends Error {}

/** As `parseArgs`, whose own refusals are the operator's mistakes. */
export function argumentsOf<const Config extends ParseArgsConfig>(config: Config) {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "unreadable arguments");
  }
}

/** Throws `UsageError` unless the text is a row's id. */
export function rowId(text: string | undefined, option: string): string {
  if (text === undefined) throw new UsageError(`${option} is missing`);
  if (!isRowId(text)) throw new UsageError(`${option} takes an id (a UUID)`);
  return text;
}

export const isRowId = (text: string): boolean =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** One connection for one command; the database is `url` or DATABASE_URL, as the role postgres. */
export async function onDatabase<Result>(
  url: string | undefined,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const connectionString = url ?? process.env["DATABASE_URL"];
  if (connectionString === undefined) throw new UsageError("which database?");
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Runs a command to its exit code: 1 with the reason on stderr, and after a `UsageError` the usage too. Who asks for help
 * gets the usage.
 */
export async function operate(usage: string, main: () => Promise<void>): Promise<void> {
  if (process.argv.slice(2).some((argument) => argument === "--help" || argument === "-h")) {
    console.log(usage);
    return;
  }
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    if (error instanceof UsageError) console.error(`\n${usage}`);
    process.exitCode = 1;
  }
}
