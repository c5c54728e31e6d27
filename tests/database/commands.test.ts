import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { projectRoot } from "../../scripts/source/project-files.ts";
import { openDatabase } from "./support.ts";

const database = await openDatabase();
const nobody = "0b500000-0000-4000-8000-00000000dead";

// What each command does is shown by its own file, in the test's process; this shows that it is what an operator starts.
it.each([
  ["events", ["list"], 0, /^0 dead$/m, /^$/],
  [
    "backfill",
    ["--since", "2026-01-31"],
    2,
    /^$/,
    /^STRIPE_SECRET_KEY: .*usage: npm run backfill/s,
  ],
  ["import", ["--organization", nobody], 2, /^$/, /^--from: .*usage: npm run import/s],
  ["console", ["events", "--dead"], 0, /^dead: 0$/m, /^$/],
  ["catalogue", ["check"], 2, /^$/, /^STRIPE_SECRET_KEY: /m],
  ["grants", ["rebuild"], 0, /^0 subscriptions, 0 differences$/m, /^$/],
  ["keys", ["list", "--organization", nobody], 2, /^$/, /no organization.*usage: npm run keys/s],
  ["members", ["list", "--organization", nobody], 0, /^0 members$/m, /^$/],
  [
    "doctor",
    ["--skip", "all"],
    2,
    /^$/,
    /^--skip takes a check: functions, .*usage: npm run doctor/s,
  ],
  [
    "customers",
    ["export", "--organization", nobody, "--customer", "u"],
    1,
    /^$/,
    /nothing is held of customer u/,
  ],
])("npm run %s reads its arguments and the environment, and ends with its exit code", (
  name,
  args,
  code,
  stdout,
  stderr,
) => {
  const ended = spawnSync("npm", ["run", name, "--", ...args], {
    cwd: projectRoot,
    encoding: "utf8",
    env: { ...process.env, DATABASE_URL: database.databaseUrl },
  });
  expect(ended).toMatchObject({
    status: code,
    stdout: expect.stringMatching(stdout) as unknown,
    stderr: expect.stringMatching(stderr) as unknown,
  });
});
