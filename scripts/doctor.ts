// `npm run doctor`: looks at a deployment from outside and says what is wrong, how badly, and what to do. Changes nothing.
import { fileURLToPath } from "node:url";
import { findCatalogue } from "./catalogue/load.ts";
import { postgresIsNewEnough } from "./deploy/platform.ts";
import { checks } from "./doctor/checks/index.ts";
import { openProject } from "./doctor/project.ts";
import { examine, isWell, tell } from "./doctor/report.ts";
import { environmentOf, settingsOf } from "./doctor/settings.ts";
import { argumentsOf, command, onDatabase, runIfMain, UsageError } from "./operator.ts";

const usage = `usage: npm run doctor [-- --local | --env-file <path>] [--skip <check>]… [--json]

  looks at a project and says what is wrong with it and what to do; changes nothing
  --local     the stack that \`npm start\` or \`npm run stack\` runs on this machine
  --env-file  reads the variables below from a file, as \`supabase secrets set\` does
  --catalogue what is sold there, billing.catalogue.ts unless told
  --skip      leaves a check out, by its name
  --json      one JSON document: ok, and of each check its name, status and findings

It needs DATABASE_URL (as the role postgres) and the functions' own variables, those that the platform sets as well.
Exit code 0: no failure, maybe warnings. 1: a failure. 2: a variable or an argument is missing or malformed, or the
project's Postgres is too old.`;

const project = fileURLToPath(new URL("..", import.meta.url));

export const doctor = command(usage, async (terminal) => {
  const { values } = argumentsOf(terminal, {
    options: {
      local: { type: "boolean", default: false },
      "env-file": { type: "string" },
      catalogue: { type: "string" },
      skip: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
    },
  });
  for (const name of values.skip) {
    if (checks.some((check) => check.name === name)) continue;
    throw new UsageError(`--skip takes a check: ${checks.map((check) => check.name).join(", ")}`);
  }
  const env = environmentOf(terminal, { local: values.local, file: values["env-file"] });
  const settings = { ...settingsOf(env), catalogue: await findCatalogue(values.catalogue) };
  const outcomes = await onDatabase(
    { env },
    undefined,
    async (client) => {
      await postgresIsNewEnough(client);
      return examine(openProject(settings, client, project), values.skip);
    },
  );
  const ok = isWell(outcomes);
  if (values.json) terminal.out(JSON.stringify({ ok, checks: outcomes }));
  else tell(terminal, outcomes);
  return ok ? 0 : 1;
});

await runIfMain(import.meta.url, doctor);
