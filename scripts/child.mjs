// Runs a program that npm installed, with this terminal, and passes signals on to it.
import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { root } from "./install.mjs";

/**
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [env] more variables
 * @returns {Promise<"ok" | "failed" | "interrupted">}
 */
export function run(command, args, env = {}) {
  const PATH = [join(root, "node_modules", ".bin"), process.env["PATH"] ?? ""].join(delimiter);
  const child = spawn(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env, PATH },
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

/**
 * Vitest's arguments for its report on the terminal and, where TEST_REPORT names a file, as JSON there as well.
 *
 * @returns {string[]}
 */
export function reporters() {
  const report = process.env["TEST_REPORT"];
  return report ? ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`] : [];
}
