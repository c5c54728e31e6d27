import { randomBytes } from "node:crypto";
import type { Child } from "../process/child.ts";
import { openRunFolder, type RunFolder } from "../process/run-folder.ts";
import { createCluster, serve, type ServerOptions, SUPERUSER } from "./cluster.ts";
import { applyPlatform } from "./platform.ts";

export interface PostgresOptions extends ServerOptions {
  /** The stack's folder; without one the server has a folder of its own, gone after `stop`. */
  readonly folder?: RunFolder;
}

/** A PostgreSQL 17 server that looks like a Supabase project before its first migration. */
export interface Postgres {
  readonly port: number;
  /** As `supabase_admin`, the superuser of the platform. */
  readonly superuserUrl: string;
  /** As `postgres`, which is no superuser: what a project's owner has, and migrations run as. */
  readonly databaseUrl: string;
  /** As `authenticator`, which PostgREST logs in as. */
  readonly authenticatorUrl: string;
  /** Ends the server at once, as a crash would; its data stays. For outage tests. */
  halt(): Promise<void>;
  /** Starts a halted server again, on the same port and data. */
  resume(): Promise<void>;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

/** Starts a server with a fresh cluster; takes a second or two. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const folder = options.folder ?? await openRunFolder();
  let server: (Child<true> & { readonly port: number }) | undefined;
  const halt = async () => {
    await server?.stop();
    server = undefined;
  };
  const stop = async () => {
    await halt();
    if (options.folder === undefined) await folder.remove();
  };
  try {
    const passwords = {
      [SUPERUSER]: newPassword(),
      postgres: newPassword(),
      authenticator: newPassword(),
    };
    const cluster = await createCluster(folder, passwords[SUPERUSER] ?? "");
    server = await serve(cluster, options);
    const { port } = server;
    const url = (role: keyof typeof passwords) =>
      `postgresql://${role}:${passwords[role]}@127.0.0.1:${port}/postgres?sslmode=disable`;
    await applyPlatform(url(SUPERUSER), passwords);
    return {
      port,
      superuserUrl: url(SUPERUSER),
      databaseUrl: url("postgres"),
      authenticatorUrl: url("authenticator"),
      halt,
      resume: async () => {
        server ??= await serve(cluster, { ...options, port });
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const newPassword = () => randomBytes(24).toString("base64url");
