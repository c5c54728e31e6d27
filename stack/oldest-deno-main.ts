// `npm run test:deno`: starts every function on the oldest Deno that the platform may run them on. It is fetched with npm when it is
// needed, so that nobody's installation is larger by it. Where no registry gives it, nothing is known, and that is a failure.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { bootFunctions } from "./functions/boot.ts";
import { denoPackage } from "./functions/deno.ts";
import { projectFolder } from "./migrate.ts";

/** Of the line that hosted functions run on (https://github.com/orgs/supabase/discussions/34054). */
const VERSION = "2.1.14";

const folder = await mkdtemp(join(tmpdir(), "billingos-deno-"));
try {
  const name = denoPackage();
  try {
    await promisify(execFile)("npm", [
      "install",
      "--no-save",
      "--ignore-scripts",
      "--no-audit",
      // A registry that does not answer is asked once more, and not for minutes.
      "--fetch-retries=1",
      "--fetch-timeout=30000",
      `--prefix=${folder}`,
      `${name}@${VERSION}`,
    ], { timeout: 180_000 });
  } catch (error) {
    console.error(
      `npm did not fetch ${name}@${VERSION}: ${error instanceof Error ? error.message : ""}`,
    );
    process.exitCode = 1;
  }
  if (process.exitCode === undefined) {
    const program = join(folder, "node_modules", name, "deno");
    const answered = await bootFunctions({ workdir: projectFolder, program });
    console.log(`Deno ${VERSION} runs ${answered.length} functions: ${answered.join(", ")}`);
    if (answered.length === 0) process.exitCode = 1;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
