// `npm test`: installs what is missing, then type check, lint, format check and every test project.
// Arguments go to vitest. With TEST_REPORT=<file>, vitest's JSON report is written there as well.
import { reporters, run } from "./child.mjs";
import { ensureInstalled } from "./install.mjs";

/** @type {[name: string, command: string, ...args: string[]][]} */
const stages = [
  ["type check", "tsc", "--noEmit"],
  ["lint", "oxlint", "--type-aware", "--deny-warnings"],
  ["format check", "deno", "fmt", "--check"],
  ["tests", "vitest", "run", ...reporters(), ...process.argv.slice(2)],
];

try {
  await ensureInstalled();
  for (const [name, command, ...args] of stages) {
    console.log(`\n== ${name}`);
    const start = performance.now();
    const outcome = await run(command, args);
    if (outcome !== "ok") process.exitCode = 1;
    // The tests run last and their totals are the last word.
    if (name === "tests" || outcome === "interrupted") break;
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(
      `${name}: ${outcome === "ok" ? `ok (${seconds} s)` : "FAILED, the rest still runs"}`,
    );
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
