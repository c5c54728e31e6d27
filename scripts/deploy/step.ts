import type { Terminal } from "../operator.ts";
import { reasonOf } from "../reason.ts";

/** One part of a command that changes a project; safe to repeat. */
export interface Step {
  /** One or two words. */
  readonly name: string;
  /** What is to be done, a sentence each; nothing where all is as it should be. Changes nothing. */
  check(): Promise<readonly string[]>;
  /** Does it; `say` takes what was done. Throws what stopped it, and may be run again. */
  apply(say: (line: string) => void): Promise<void>;
}

/** By the number of each signal, after the shells' convention (https://www.gnu.org/software/bash/manual/html_node/Exit-Status.html). */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs steps in their order and stops at the first that fails, saying what is done and what is not; so it does where somebody ends
 * the program. A dry run says what each would do.
 *
 * @returns the exit code
 */
export async function runSteps(
  steps: readonly Step[],
  dryRun: boolean,
  { out, err }: Pick<Terminal, "out" | "err">,
): Promise<number> {
  const done: string[] = [];
  const tell = (reason: string) => {
    err(reason);
    err(`done: ${done.length === 0 ? "nothing" : done.join(", ")}`);
    err(`not done: ${steps.slice(done.length).map(({ name }) => name).join(", ")}`);
    err("run the same command again when the cause is gone; what is done stays");
  };
  const end = (signal: keyof typeof EXIT_CODES) => {
    tell(
      `${steps[done.length]?.name ?? "the end"} was interrupted by ${signal}, and may be half done`,
    );
    process.exit(EXIT_CODES[signal]);
  };
  process.once("SIGINT", end).once("SIGTERM", end);
  try {
    return await runEach();
  } finally {
    process.off("SIGINT", end).off("SIGTERM", end);
  }

  async function runEach(): Promise<number> {
    for (const step of steps) {
      try {
        const wanted = await step.check();
        if (wanted.length === 0) out(`${step.name}: nothing to do`);
        for (const sentence of wanted) out(`${step.name}: ${dryRun ? "would " : ""}${sentence}`);
        if (wanted.length > 0 && !dryRun) await step.apply((line) => out(`${step.name}: ${line}`));
      } catch (error) {
        tell(`${step.name} failed: ${reasonOf(error)}`);
        return 1;
      }
      done.push(step.name);
    }
    out(dryRun ? "nothing was changed" : "done");
    return 0;
  }
}
