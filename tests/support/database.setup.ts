import type { TestProject } from "vitest/node";
import { migrated } from "../../stack/migrate.ts";
import { startPostgres } from "../../stack/postgres/index.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The migrated and seeded database that every file of project `database` clones. */
    readonly template: { readonly superuserUrl: string; readonly databaseUrl: string };
  }
}

/** One server for the whole project; nobody connects to its migrated database, it is only copied. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Another folder that holds `supabase/`: `npm run mutants` puts a rule less into it.
  const postgres = await startPostgres({ contents: await migrated(process.env["MUTANT_WORKDIR"]) });
  const { superuserUrl, databaseUrl } = postgres;
  project.provide("template", { superuserUrl, databaseUrl });
  return () => postgres.stop();
}
