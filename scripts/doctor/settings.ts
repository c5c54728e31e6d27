import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import {
  allowedOrigins,
  databaseEnvironment,
  EnvironmentError,
  type EnvironmentRecord,
  type StripeEnvironment,
  stripeEnvironment,
  webhookSecrets,
} from "../../shared/runtime/environment.ts";
import type { FoundCatalogue } from "../catalogue/load.ts";
import { digestKeyOf } from "../keys/digest-key.ts";
import { type Terminal, UsageError } from "../operator.ts";
import { localStackFile, stackFolders } from "./local-stack.ts";

/** The variables of the deployed functions as the operator has them, and the database. */
export interface Settings {
  readonly databaseUrl: string;
  /** The project's origin. */
  readonly url: string;
  readonly secretKey: string;
  readonly stripe: StripeEnvironment;
  /** Undefined where the operator has them not: deploy stores them, and nobody reads them back. */
  readonly webhookSecrets: readonly string[] | undefined;
  readonly allowedOrigins: readonly string[];
  readonly digestKey: Uint8Array;
  /** What is sold there, as far as a file says it. */
  readonly catalogue: FoundCatalogue | undefined;
}

/** @throws UsageError that names the first variable that is missing or malformed, without its value */
export function settingsOf(env: EnvironmentRecord): Omit<Settings, "catalogue"> {
  const databaseUrl = env["DATABASE_URL"];
  if (databaseUrl === undefined || databaseUrl === "") {
    throw new UsageError("DATABASE_URL is not set: the project's connection string, as postgres");
  }
  if (!/^postgres(ql)?:\/\//.test(databaseUrl)) {
    throw new UsageError("DATABASE_URL is not a connection string: it begins with postgresql://");
  }
  try {
    return {
      databaseUrl,
      ...databaseEnvironment(env),
      stripe: stripeEnvironment(env),
      webhookSecrets: env["STRIPE_WEBHOOK_SECRETS"] === undefined ? undefined : webhookSecrets(env),
      allowedOrigins: allowedOrigins(env),
      digestKey: digestKeyOf(env),
    };
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    throw new UsageError(`${error.message}; docs/environment.md says what it is`);
  }
}

/** A file of `NAME=value` lines, as `supabase secrets set --env-file` takes it. Throws UsageError where there is none. */
export function environmentFile(path: string): EnvironmentRecord {
  try {
    const bytes = readFileSync(path);
    // Windows PowerShell's `>` writes UTF-16, and an editor there may set a mark before UTF-8: either hid the first line or all.
    const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
    return parseEnv(new TextDecoder(isWide ? "utf-16le" : "utf-8").decode(bytes));
  } catch {
    throw new UsageError(`--env-file: ${path} cannot be read`);
  }
}

export const isLoopback = (url: string): boolean =>
  /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);

/** The variables of the terminal, and over them those of the stack on this machine or of a file. */
export function environmentOf(
  { env }: Pick<Terminal, "env">,
  { local, file }: { readonly local: boolean; readonly file: string | undefined },
): EnvironmentRecord {
  if (local && file !== undefined) throw new UsageError("--local or --env-file, not both");
  const path = local ? localStackFile(stackFolders(env)) : file;
  return path === undefined ? env : { ...env, ...environmentFile(path) };
}
