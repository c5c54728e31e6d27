// `npm run test:chaos -- [--runs N | --seconds N] [--seams each] [--seed S] [--path P]`: random scenarios in several
// lanes, each until a law breaks, outages in the middle of a burst, and a crash at every seam. N runs are those of all lanes, N seconds
// those of each. A failure prints the seed and the path that show it again, alone.
import { parseArgs } from "node:util";
import { reporters, run } from "./child.mjs";
import { ensureInstalled } from "./install.mjs";

const text = /** @type {const} */ ({ type: "string" });

try {
  const { values, positionals } = parseArgs({
    options: { runs: text, seconds: text, seams: text, seed: text, path: text },
    allowPositionals: true,
  });
  /** @type {Record<string, string>} */
  const env = {};
  for (const [name, value] of Object.entries(values)) env[`CHAOS_${name.toUpperCase()}`] = value;
  // A replay is about one scenario.
  const files = values.path === undefined ? positionals : ["tests/chaos/lanes"];
  await ensureInstalled();
  const config = ["run", "--config", "vitest.chaos.config.ts"];
  const outcome = await run("vitest", [...config, ...reporters(), ...files], env);
  if (outcome !== "ok") process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
