import { environmentGroups } from "../../shared/runtime/environment.ts";
import { startChild } from "../process/child.ts";
import type { FunctionTarget } from "../gateway/functions.ts";
import type { RunFolder } from "../process/run-folder.ts";
import { readFunctions } from "./config.ts";
import { denoProgram } from "./deno.ts";
import { FunctionProcess } from "./function-process.ts";
import { servedFrom } from "./served.ts";

export interface FunctionsOptions {
  readonly folder: RunFolder;
  /** The folder that holds `supabase/`, and what its functions import. They are bundled, as they are when they are deployed. */
  readonly workdir: string;
  /** The functions' whole environment; they may read these variables, ask for those of telemetry, and read no other. */
  readonly env: Readonly<Record<string, string>>;
  /** The only hosts they may reach, each `host:port`. */
  readonly hosts: readonly string[];
  /** What a function may do of that; all of it by default. */
  readonly narrow?: (slug: string) => Pick<FunctionsOptions, "env" | "hosts">;
  /** The Deno that runs them; the installed one by default. */
  readonly program?: string;
  /** Whether a function that ended on its own is started again; yes by default. */
  readonly restart?: boolean;
  readonly onLine?: (slug: string, line: string) => void;
}

/** The edge functions of the project, each in a process of its own, which starts with the first request as on the platform. */
export interface Functions {
  readonly slugs: readonly string[];
  find(slug: string): FunctionTarget | undefined;
  /** Ends a function in the midst of whatever it does; it stays down until `restart`. */
  kill(slug: string): Promise<void>;
  /**
   * Starts a function again, whether it runs or not, and answers when it serves.
   *
   * @throws with the log of one that does not start
   */
  restart(slug: string): Promise<void>;
  stop(): Promise<void>;
}

/** The functions of a project, to be run by `deno serve`. */
export async function startFunctions(options: FunctionsOptions): Promise<Functions> {
  const { workdir, folder, onLine } = options;
  const program = options.program ?? denoProgram();
  const configs = await readFunctions(workdir);
  const served = await servedFrom(configs, workdir, folder);

  const launch = async (slug: string) => {
    const { env, hosts } = options.narrow?.(slug) ?? options;
    const { entrypoint, cache } = await served(slug);
    return startChild({
      name: `function ${slug}`,
      command: program,
      args: serveArguments({ env, hosts }, entrypoint),
      env: { ...env, DENO_DIR: cache, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
      cwd: workdir,
      folder,
      stopSignal: "SIGKILL",
      ready: (line) => {
        const port = /Listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
        return port === undefined ? undefined : Number(port);
      },
      onLine: (line) => onLine?.(slug, line),
    });
  };
  const functions = new Map(configs.map((config) => {
    const report = (problem: string) => onLine?.(config.slug, problem);
    const process = new FunctionProcess(() => launch(config.slug), options.restart ?? true, report);
    return [config.slug, { config, process }];
  }));
  const known = (slug: string): FunctionProcess => {
    const each = functions.get(slug);
    if (each === undefined) throw new Error(`there is no function ${slug}`);
    return each.process;
  };
  const stop = async () => {
    await Promise.all(Array.from(functions.values(), ({ process }) => process.stop()));
  };
  return {
    slugs: [...functions.keys()],
    find: (slug) => {
      const each = functions.get(slug);
      return each && { port: () => each.process.port(), verifyJwt: each.config.verifyJwt };
    },
    kill: (slug) => known(slug).stop(),
    restart: async (slug) => {
      await known(slug).stop();
      await known(slug).start();
    },
    stop,
  };
}

function serveArguments(
  options: Pick<FunctionsOptions, "env" | "hosts">,
  entrypoint: string,
): string[] {
  return [
    "serve",
    "--host=127.0.0.1",
    "--port=0",
    // A bundle has nothing left to look up.
    "--no-config",
    "--no-lock",
    "--no-npm",
    "--no-check",
    "--no-remote",
    "--no-prompt",
    `--allow-net=${options.hosts.join(",")}`,
    // What may be unset is asked for all the same, and Deno refuses to say that of a variable that is not named here.
    `--allow-env=${[...Object.keys(options.env), ...environmentGroups.telemetry].join(",")}`,
    entrypoint,
  ];
}
