// `npm test`: installs what is missing, then type check, lint, format check and every test project.
// Arguments go to vitest. With TEST_REPORT=<file>, vitest's JSON report is written there as well.
import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { ensureInstalled, root } from "./install.mjs";

const report = process.env["TEST_REPORT"];
/** @type {[name: string, command: string, ...args: string[]][]} */
const stages = [
  ["type check", "tsc", "--noEmit"],
  ["lint", "oxlint", "--type-aware", "--deny-warnings"],
  ["format check", "deno", "fmt", "--check"],
  [
    "tests",
    "vitest",
    "run",
    ...(report ? ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`] : []),
    ...process.argv.slice(2),
  ],
];

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<"ok" | "failed" | "interrupted">}
 */
function run(command, args) {
  const PATH = [join(root, "node_modules", ".bin"), process.env["PATH"] ?? ""].join(delimiter);
  const child = spawn(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, PATH },
  });
  let interrupted = false;
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => {
    interrupted = true;
    child.kill(signal);
  };
  process.on("SIGINT", pass).on("SIGTERM", pass);
  return new Promise((resolve) => {
    child.once("error", (error) => {
      console.error(error.message);
      resolve("failed");
    });
    child.once("close", (code) => {
      process.off("SIGINT", pass).off("SIGTERM", pass);
      resolve(interrupted ? "interrupted" : code === 0 ? "ok" : "failed");
    });
  });
}

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
