import { bundleFunctions } from "./bundle.ts";
import type { Context } from "./context.ts";
import { functionSlugs } from "./function-slugs.ts";
import type { Step } from "./step.ts";
import { recordUploads, sourcesDigest, staleFunctions, uploadedFrom } from "./uploaded.ts";

/**
 * Uploads the functions' sources, which the platform bundles (`--use-api`: no Docker here). `bundled` uploads each as one file,
 * put together here, for when the platform cannot: it bundles up to 5 MB
 * (https://supabase.com/docs/guides/functions/limits), of sources and what they import.
 *
 * A run uploads all of them unless the platform still has the versions that an earlier run made of the same sources: a function is
 * known by `version` and `updated_at` (https://supabase.com/docs/reference/api/v1-list-all-functions). That an upload raises the version
 * by one is inferred; where it does not, nothing is written down, and each run uploads.
 */
export function edgeFunctions(
  { management, folder, database }: Context,
  bundled: boolean,
): Step {
  const deploy = (workdir: string) => management.cli(["functions", "deploy", "--use-api"], workdir);
  return {
    name: "functions",
    check: async () => {
      const digest = await sourcesDigest(folder, bundled);
      const stale = await staleFunctions(database, folder, await management.functions(), digest);
      if (stale.length === 0) return [];
      const { length } = await functionSlugs(folder);
      return [`upload ${length} functions${bundled ? ", each as one file" : ""}`];
    },
    async apply(say) {
      // Before the upload: what is changed meanwhile is uploaded by the next run.
      const digest = await sourcesDigest(folder, bundled);
      const before = await management.functions();
      try {
        await (bundled ? bundleFunctions(folder, deploy) : deploy(folder));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(
          bundled ? reason : `${reason}\nif it is the platform that cannot bundle them: --bundled`,
          { cause: error },
        );
      }
      const slugs = await functionSlugs(folder);
      const after = await management.functions();
      await recordUploads(database, uploadedFrom(slugs, before, after), digest);
      say(`uploaded ${slugs.join(", ")}`);
    },
  };
}
