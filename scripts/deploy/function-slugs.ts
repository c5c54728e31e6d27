import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** The functions of a project by their slugs: the folders below `supabase/functions` that have an `index.ts`. */
export async function functionSlugs(folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(folder, "supabase", "functions"), { recursive: true });
  const slugs = entries.map((path) => /^([a-z0-9-]+)[/\\]index\.ts$/.exec(path)?.[1])
    .filter((slug) => slug !== undefined).toSorted();
  if (slugs.length === 0) throw new Error(`${folder} holds no functions`);
  return slugs;
}
