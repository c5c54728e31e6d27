import { bundleFunctions } from "./bundle.ts";
import type { Context } from "./context.ts";
import { functionSlugs } from "./function-slugs.ts";
import type { Step } from "./step.ts";

/**
 * Uploads the functions' sources, which the platform bundles (`--use-api`: no Docker here). `bundled` uploads each as one file,
 * put together here, for when the platform cannot: it bundles up to 5 MB
 * (https://supabase.com/docs/guides/functions/limits), of sources and what they import.
 *
 * The platform tells nothing by which what runs there could be compared with what is here, so each run uploads.
 */
export function edgeFunctions({ management, folder }: Context, bundled: boolean): Step {
  const deploy = (workdir: string) => management.cli(["functions", "deploy", "--use-api"], workdir);
  return {
    name: "functions",
    check: async () => {
      const slugs = await functionSlugs(folder);
      return [`upload ${slugs.length} functions${bundled ? ", each as one file" : ""}`];
    },
    async apply(say) {
      try {
        await (bundled ? bundleFunctions(folder, deploy) : deploy(folder));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(
          bundled ? reason : `${reason}\nif it is the platform that cannot bundle them: --bundled`,
          { cause: error },
        );
      }
      say(`uploaded ${(await functionSlugs(folder)).join(", ")}`);
    },
  };
}
