import * as z from "zod";
import { supabaseCli } from "../supabase/cli.ts";
import { UsageError } from "../usage-error.ts";
import type { Settings } from "./settings.ts";
import type { PlatformFunction } from "./uploaded.ts";

/**
 * The platform's management API (https://supabase.com/docs/reference/api): through the CLI where that has the step, else over
 * HTTP with the person's access token.
 */
export interface Management {
  /** The CLI on this project, with `--remote`. */
  cli(args: readonly string[], workdir?: string): Promise<string>;
  /** The project's state, `ACTIVE_HEALTHY` where it can be worked on; throws with what is wrong with the token or the reference. */
  projectState(): Promise<string>;
  /** The schemas that its Data API serves, in their order. */
  exposedSchemas(): Promise<readonly string[]>;
  expose(schemas: readonly string[]): Promise<void>;
  /** The names of the function secrets, each with the digest that the platform shows in the place of its value. */
  secretDigests(): Promise<ReadonlyMap<string, string>>;
  /**
   * All at once. Not by the CLI, which would be told them in a file or in its arguments: a file outlives a run that is killed, and
   * arguments are seen by every user of the machine.
   */
  setSecrets(values: Readonly<Record<string, string>>): Promise<void>;
  unsetSecrets(names: readonly string[]): Promise<void>;
  /** The functions that are deployed, of an app too. */
  functions(): Promise<readonly PlatformFunction[]>;
  /** The secret API key named `default`; undefined where the project has only the older kind. */
  secretKey(): Promise<string | undefined>;
}

const postgrest = z.object({ db_schema: z.string() });
const project = z.object({ status: z.string() });
const secrets = z.array(z.object({ name: z.string(), value: z.string().default("") }));
const deployedFunctions = z.array(
  z.object({ slug: z.string(), version: z.int(), updated_at: z.int() }),
);
const apiKeys = z.array(z.object({
  name: z.string(),
  type: z.string().nullish(),
  api_key: z.string().nullish(),
}));

/** Milliseconds for one call. */
const TIMEOUT = 60_000;

export function management(
  { ref, accessToken, managementUrl }: Settings,
  folder: string,
): Management {
  const base = `${managementUrl ?? "https://api.supabase.com"}/v1/projects/${ref}`;
  async function call<Schema extends z.ZodType>(
    method: "GET" | "PATCH" | "POST" | "DELETE",
    path: string,
    schema: Schema,
    body?: unknown,
  ): Promise<z.output<Schema>> {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${accessToken}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT),
    }).catch((error: unknown) => {
      throw unreachable(base, error);
    });
    const text = await response.text();
    // What the platform says of a secret that it refuses may hold it.
    const reason = method === "POST" ? "" : `: ${text.slice(0, 300)}`;
    if (!response.ok) throw refused(response.status, method, path, ref, reason);
    return schema.parse(text === "" ? undefined : JSON.parse(text));
  }
  return {
    cli: (args, workdir = folder) =>
      supabaseCli(workdir, [...args, `--remote=${ref}`, "--yes"], {
        accessToken,
        apiUrl: managementUrl,
      }),
    projectState: async () => (await call("GET", "", project)).status,
    exposedSchemas: async () => {
      const { db_schema: schemas } = await call("GET", "/postgrest", postgrest);
      return schemas.split(",").map((schema) => schema.trim()).filter((schema) => schema !== "");
    },
    expose: async (schemas) => {
      await call("PATCH", "/postgrest", postgrest, { db_schema: schemas.join(", ") });
    },
    secretDigests: async () => {
      const found = await call("GET", "/secrets", secrets);
      return new Map(found.map(({ name, value }) => [name, value]));
    },
    // https://supabase.com/docs/reference/api/v1-bulk-create-secrets, and v1-bulk-delete-secrets; what the CLI calls, too.
    setSecrets: async (values) => {
      const given = Object.entries(values).map(([name, value]) => ({ name, value }));
      await call("POST", "/secrets", z.unknown(), given);
    },
    unsetSecrets: async (names) => {
      await call("DELETE", "/secrets", z.unknown(), names);
    },
    functions: async () => {
      const found = await call("GET", "/functions", deployedFunctions);
      return found.map(({ slug, version, updated_at: updatedAt }) => ({
        slug,
        version,
        updatedAt,
      }));
    },
    secretKey: async () => {
      const found = await call("GET", "/api-keys?reveal=true", apiKeys);
      return found.find(({ name, type }) => name === "default" && type === "secret")?.api_key ??
        undefined;
    },
  };
}

/** `fetch` itself says no more than that it failed. */
function unreachable(base: string, error: unknown): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = cause instanceof Error ? cause.message : "no answer";
  return new Error(
    `the management API at ${new URL(base).origin} cannot be reached (${why}); ` +
      "look at this machine's network, and come again",
    { cause: error },
  );
}

/** What is wrong with what the operator gave, where it is that; no value that was sent is in it. */
function refused(status: number, method: string, path: string, ref: string, reason: string): Error {
  if (status === 401) {
    return new UsageError(
      "SUPABASE_ACCESS_TOKEN is not accepted; make one at https://supabase.com/dashboard/account/tokens",
    );
  }
  if (status === 403) {
    return new UsageError(
      `SUPABASE_ACCESS_TOKEN may not ${method} ${path || "the project"} of ${ref}; ` +
        "use a token of somebody who administers the project, with no narrower scope",
    );
  }
  if (status === 404 && path === "") {
    return new UsageError(`--project-ref: the access token's account has no project ${ref}`);
  }
  return new Error(
    `the management API answered ${status} to ${method} ${path}${reason}`,
  );
}
