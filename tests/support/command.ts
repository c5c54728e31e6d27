import type { Command } from "../../scripts/operator.ts";

export interface Said {
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that ended with another exit code than 0, and what it had said. */
export class CommandFailed extends Error implements Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;

  constructor(code: number, { stdout, stderr }: Said) {
    super(`exit code ${code}: ${stderr}`);
    this.code = code;
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

/**
 * Runs an operator's command in this process, as tests/database/commands.test.ts does by typing it.
 *
 * @throws CommandFailed
 */
export async function runCommand(
  command: Command,
  env: Readonly<Record<string, string>>,
  argv: readonly string[],
): Promise<Said> {
  const said = { stdout: "", stderr: "" };
  const code = await command({
    argv,
    env,
    out: (line) => {
      said.stdout += `${line}\n`;
    },
    err: (line) => {
      said.stderr += `${line}\n`;
    },
  });
  if (code !== 0) throw new CommandFailed(code, said);
  return said;
}
