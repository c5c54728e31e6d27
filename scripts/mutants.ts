// `npm run mutants -- [--sql [--only <words of a law>] | --domain]`: takes rules out, one at a time, and says which no test
// notices. Stryker does it to shared/domain (https://stryker-mutator.io/docs/stryker-js/introduction/), a table to the SQL.
import { parseArgs } from "node:util";
import { run } from "./child.mjs";
import { runSqlMutants } from "./mutants/sql.ts";

const { values: { sql, domain, only } } = parseArgs({
  options: {
    sql: { type: "boolean", default: false },
    domain: { type: "boolean", default: false },
    only: { type: "string" },
  },
});
const both = !sql && !domain && only === undefined;

if (both || sql || only !== undefined) {
  const unnoticed = await runSqlMutants(only);
  for (const law of unnoticed) console.error(`no test fails without: ${law}`);
  if (unnoticed.length > 0) process.exitCode = 1;
}
if (both || domain) {
  const outcome = await run("stryker", ["run", "scripts/mutants/stryker.config.json"]);
  if (outcome !== "ok") process.exitCode = 1;
}
