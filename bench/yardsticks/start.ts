import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { denoProgram } from "../../stack/functions/deno.ts";
import { projectFolder } from "../../stack/migrate.ts";
import { startChild } from "../../stack/process/child.ts";
import type { RunFolder } from "../../stack/process/run-folder.ts";

export interface Handler {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a handler of this folder as the stack starts a function, and answers when it listens. What it imports is looked up among the
 * installed packages; without `env` it imports nothing.
 */
export async function startHandler(
  folder: RunFolder,
  name: string,
  env?: Readonly<Record<string, string>>,
): Promise<Handler> {
  const child = await startChild({
    name: `yardstick ${name}`,
    command: denoProgram(),
    args: [
      "serve",
      "--host=127.0.0.1",
      "--port=0",
      ...(env === undefined
        ? ["--no-config", "--no-npm"]
        : [`--config=${projectFolder}/deno.json`, "--node-modules-dir=manual"]),
      "--no-lock",
      "--no-check",
      "--no-remote",
      "--no-prompt",
      "--allow-net",
      "--allow-env",
      "--allow-read",
      "--allow-sys",
      fileURLToPath(new URL(`${name}.ts`, import.meta.url)),
    ],
    env: {
      ...env,
      DENO_DIR: join(folder.path, "yardsticks-deno"),
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
    },
    cwd: projectFolder,
    folder,
    stopSignal: "SIGKILL",
    ready: (line) => /Listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1],
  });
  return {
    url: child.ready,
    stop: async () => {
      await child.stop();
    },
  };
}
