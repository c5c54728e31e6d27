import type { Terminal } from "../operator.ts";

/** One part of a command that changes a project; safe to repeat. */
export interface Step {
  /** One or two words. */
  readonly name: string;
  /** What is to be done, a sentence each; nothing where all is as it should be. Changes nothing. */
  check(): Promise<readonly string[]>;
  /** Does it; `say` takes what was done. Throws what stopped it, and may be run again. */
  apply(say: (line: string) => void): Promise<void>;
}

/**
 * Runs steps in their order and stops at the first that fails, saying what is done and what is not. A dry run says what each
 * would do.
 *
 * @returns the exit code
 */
export async function runSteps(
  steps: readonly Step[],
  dryRun: boolean,
  { out, err }: Pick<Terminal, "out" | "err">,
): Promise<number> {
  const done: string[] = [];
  for (const [index, step] of steps.entries()) {
    try {
      const wanted = await step.check();
      if (wanted.length === 0) out(`${step.name}: nothing to do`);
      for (const sentence of wanted) out(`${step.name}: ${dryRun ? "would " : ""}${sentence}`);
      if (wanted.length > 0 && !dryRun) await step.apply((line) => out(`${step.name}: ${line}`));
    } catch (error) {
      const left = steps.slice(index + 1).map(({ name }) => name);
      err(`${step.name} failed: ${error instanceof Error ? error.message : String(error)}`);
      err(`done: ${done.length === 0 ? "nothing" : done.join(", ")}`);
      err(`not done: ${[step.name, ...left].join(", ")}`);
      err("run the same command again when the cause is gone; what is done stays");
      return 1;
    }
    done.push(step.name);
  }
  out(dryRun ? "nothing was changed" : "done");
  return 0;
}
