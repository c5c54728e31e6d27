import type { TestProject } from "vitest/node";
import { migrate } from "../../stack/migrate.ts";
import { startPostgres } from "../../stack/postgres/index.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The migrated and seeded database that every file of project `database` clones. */
    readonly template: { readonly superuserUrl: string; readonly databaseUrl: string };
  }
}

/** One server for the whole project; nobody connects to its migrated database, it is only copied. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres();
  try {
    // Another folder that holds `supabase/`: `npm run mutants` puts a rule less into it.
    await migrate(postgres.databaseUrl, process.env["MUTANT_WORKDIR"]);
  } catch (error) {
    await postgres.stop();
    throw error;
  }
  const { superuserUrl, databaseUrl } = postgres;
  project.provide("template", { superuserUrl, databaseUrl });
  return () => postgres.stop();
}
