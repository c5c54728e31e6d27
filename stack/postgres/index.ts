import { randomBytes } from "node:crypto";
import type { Child } from "../process/child.ts";
import { openRunFolder, type RunFolder } from "../process/run-folder.ts";
import { placeCluster, serve, type ServerOptions, SUPERUSER } from "./cluster.ts";
import { setPasswords } from "./platform.ts";
import { type Contents, copyTemplate } from "./template.ts";

export interface PostgresOptions extends ServerOptions {
  /** The stack's folder; without one the server has a folder of its own, gone after `stop`. */
  readonly folder?: RunFolder;
  /** What it holds from the start; nothing by default. */
  readonly contents?: Contents;
}

const NOTHING: Contents = { digest: "nothing", fill: () => Promise.resolve() };

/** A PostgreSQL 17 server that looks like a Supabase project before its first migration, or with what it was to hold. */
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

/** Starts a server with a cluster of its own; takes a second, and a few where no template of it was made yet. */
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
    const cluster = await placeCluster(folder);
    const templates = await copyTemplate(cluster, options.contents ?? NOTHING);
    server = await serve(cluster, options);
    const { port } = server;
    const at = (role: string, password: string) =>
      `postgresql://${role}:${password}@127.0.0.1:${port}/postgres?sslmode=disable`;
    await setPasswords(at(SUPERUSER, templates), passwords);
    const url = (role: keyof typeof passwords) => at(role, passwords[role]);
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
