import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { functionsDigest } from "../bundle/digest.ts";
import { bundledFunctions } from "../bundle/kept.ts";
import type { Context } from "./context.ts";
import { functionSlugs } from "./function-slugs.ts";
import type { Step } from "./step.ts";
import { recordUploads, staleFunctions, uploadedFrom } from "./uploaded.ts";

/**
 * Uploads the functions bundled, as the stack runs them, or their `sources`. The platform bundles either once more (`--use-api`: no
 * Docker here), with the packages that sources import: up to 5 MB a function
 * (https://supabase.com/docs/guides/troubleshooting/edge-function-bundle-size-issues).
 *
 * A run uploads all of them unless the platform still has the versions that an earlier run made of the same files: a function is
 * known by `version` and `updated_at` (https://supabase.com/docs/reference/api/v1-list-all-functions). That an upload raises the version
 * by one is inferred; where it does not, nothing is written down, and each run uploads.
 */
export function edgeFunctions(
  { management, folder, database }: Context,
  sources: boolean,
): Step {
  /** Does something with the folder that is uploaded from, which is there for as long. */
  const withFiles = async <Result>(work: (files: string) => Promise<Result>): Promise<Result> => {
    if (sources) return work(folder);
    const own = await mkdtemp(join(tmpdir(), "billingos-functions-"));
    try {
      return await work(await bundledFunctions(folder, own));
    } finally {
      await rm(own, { recursive: true, force: true });
    }
  };
  return {
    name: "functions",
    check: () =>
      withFiles(async (files) => {
        const digest = await functionsDigest(files);
        const stale = await staleFunctions(database, folder, await management.functions(), digest);
        if (stale.length === 0) return [];
        const { length } = await functionSlugs(folder);
        return [`upload ${length} functions${sources ? ", as sources" : ""}`];
      }),
    apply: (say) =>
      withFiles(async (files) => {
        // Before the upload: what is changed meanwhile is uploaded by the next run.
        const digest = await functionsDigest(files);
        const before = await management.functions();
        await management.cli(["functions", "deploy", "--use-api"], files);
        const slugs = await functionSlugs(folder);
        const after = await management.functions();
        await recordUploads(database, uploadedFrom(slugs, before, after), digest);
        say(`uploaded ${slugs.join(", ")}`);
      }),
  };
}
