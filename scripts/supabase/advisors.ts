import * as z from "zod";
import { libpqUrl } from "../database-url.ts";
import { supabaseCli } from "./cli.ts";

const advice = z.object({
  name: z.string(),
  level: z.string(),
  detail: z.string(),
  remediation: z.string().optional(),
  metadata: z.object({ schema: z.string().optional() }).optional(),
});
export type Advice = z.infer<typeof advice>;
const printed = z.object({ results: z.array(advice) });

/**
 * What Supabase's advisors (security and performance) say of our schemas at level warn or worse; what is an app's own beside them
 * is the app's.
 *
 * @param databaseUrl of the migrated database
 * @param workdir the folder that holds `supabase/`
 */
export async function adviceOn(databaseUrl: string, workdir: string): Promise<Advice[]> {
  const url = new URL(libpqUrl(databaseUrl));
  // Which schemas are served, as the platform says it to a project's database; without it they look at `public` alone.
  url.searchParams.set("options", "-c pgrst.db_schemas=public,billing");
  const text = await supabaseCli(workdir, [
    "db",
    "advisors",
    `--remote=${url.href.replaceAll("+", "%20")}`,
    "--level",
    "warn",
    "--output-format",
    "json",
  ]);
  const { results } = printed.parse(JSON.parse(text));
  return results.filter(({ metadata }) => metadata?.schema?.startsWith("billing") ?? true);
}
