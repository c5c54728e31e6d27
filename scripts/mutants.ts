// `npm run mutants -- [--sql [--only <words of a law>] | --domain | --stripe]`: takes rules out, one at a time, and says which no
// test notices. Stryker does it to shared/domain and shared/stripe (https://stryker-mutator.io/docs/stryker-js/introduction/), a
// table to the SQL.
import { parseArgs } from "node:util";
import { run } from "./child.mjs";
import { runSqlMutants } from "./mutants/sql.ts";

const { values: { sql, domain, stripe, only } } = parseArgs({
  options: {
    sql: { type: "boolean", default: false },
    domain: { type: "boolean", default: false },
    stripe: { type: "boolean", default: false },
    only: { type: "string" },
  },
});
const all = !sql && !domain && !stripe && only === undefined;

if (all || sql || only !== undefined) {
  const unnoticed = await runSqlMutants(only);
  for (const law of unnoticed) console.error(`no test fails without: ${law}`);
  if (unnoticed.length > 0) process.exitCode = 1;
}
if (all || domain) await mutate("domain");
if (all || stripe) await mutate("stripe");

async function mutate(room: "domain" | "stripe"): Promise<void> {
  const args = ["run", "scripts/mutants/stryker.config.json", "--mutate", `shared/${room}/**/*.ts`];
  const outcome = await run("stryker", args, { MUTATED: room });
  if (outcome !== "ok") process.exitCode = 1;
}
