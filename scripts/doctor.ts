// `npm run doctor`: looks at a deployment from outside and says what is wrong, how badly, and what to do. Changes nothing.
import { fileURLToPath } from "node:url";
import type { Finding, Severity } from "./doctor/check.ts";
import { checks } from "./doctor/checks/index.ts";
import { localStackFile, stackFolders } from "./doctor/local-stack.ts";
import { openProject, type Project } from "./doctor/project.ts";
import { environmentFile, settingsOf } from "./doctor/settings.ts";
import {
  argumentsOf,
  command,
  onDatabase,
  runIfMain,
  type Terminal,
  UsageError,
} from "./operator.ts";

const usage = `usage: npm run doctor [-- --local | --env-file <path>] [--skip <check>]… [--json]

  looks at a project and says what is wrong with it and what to do; changes nothing
  --local     the stack that \`npm start\` or \`npm run stack\` runs on this machine
  --env-file  reads the variables below from a file, as \`supabase secrets set\` does
  --skip      leaves a check out, by its name
  --json      one JSON document: ok, and of each check its name, status and findings

It needs DATABASE_URL (as the role postgres) and the functions' own variables, those that the platform sets as well.
Exit code 0: no failure, maybe warnings. 1: a failure. 2: a variable or an argument is missing or malformed.`;

/** What came of one check. */
interface Outcome {
  readonly name: string;
  readonly status: "ok" | Severity;
  readonly findings: readonly Finding[];
}

/** What every check can find. */
export const unchecked = {
  name: "doctor.unchecked",
  severity: "failure",
  fix: "remove the cause; what the check would have said is not known",
} as const satisfies Omit<Finding, "sentence">;

const project = fileURLToPath(new URL("..", import.meta.url));

function environmentOf(
  { env }: Terminal,
  { local, file }: { local: boolean; file: string | undefined },
) {
  if (local && file !== undefined) throw new UsageError("--local or --env-file, not both");
  const path = local ? localStackFile(stackFolders(env)) : file;
  return path === undefined ? env : { ...env, ...environmentFile(path) };
}

async function examine(target: Project, skipped: readonly string[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  // One after the other: they share a connection, and what explains the rest is told first.
  for (const { name, run } of checks) {
    if (skipped.includes(name)) continue;
    const findings = await run(target).catch((error: unknown): Finding[] => [{
      ...unchecked,
      sentence: `${name} could not be checked: ${
        error instanceof Error ? error.message : "unknown"
      }`,
    }]);
    const failed = findings.some(({ severity }) => severity === "failure");
    const status = failed ? "failure" : findings.length > 0 ? "warning" : "ok";
    outcomes.push({ name, status, findings });
  }
  return outcomes;
}

function tell({ out }: Terminal, outcomes: readonly Outcome[]): void {
  for (const { name, status, findings } of outcomes) {
    out(`${status.padEnd(8)} ${name}`);
    for (const finding of findings) {
      out(`         ${finding.severity}: ${finding.sentence} (${finding.name})`);
      out(`         fix: ${finding.fix}`);
    }
  }
  const count = (severity: Severity) =>
    outcomes.flatMap(({ findings }) => findings).filter((one) => one.severity === severity).length;
  out(`${outcomes.length} checks, ${count("failure")} failures, ${count("warning")} warnings`);
}

export const doctor = command(usage, async (terminal) => {
  const { values } = argumentsOf(terminal, {
    options: {
      local: { type: "boolean", default: false },
      "env-file": { type: "string" },
      skip: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
    },
  });
  for (const name of values.skip) {
    if (checks.some((check) => check.name === name)) continue;
    throw new UsageError(`--skip takes a check: ${checks.map((check) => check.name).join(", ")}`);
  }
  const env = environmentOf(terminal, { local: values.local, file: values["env-file"] });
  const settings = settingsOf(env);
  const outcomes = await onDatabase(
    { env },
    settings.databaseUrl,
    (client) => examine(openProject(settings, client, project), values.skip),
  );
  const ok = outcomes.every(({ status }) => status !== "failure");
  if (values.json) terminal.out(JSON.stringify({ ok, checks: outcomes }));
  else tell(terminal, outcomes);
  return ok ? 0 : 1;
});

await runIfMain(import.meta.url, doctor);
