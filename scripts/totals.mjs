// `node scripts/totals.mjs <report>...`: the totals of vitest's JSON reports, after each test that failed and why.
// What ends a long log is what is read first, and often all that is kept of it.
import { readFileSync } from "node:fs";
import * as z from "zod";

const report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  success: z.boolean(),
  testResults: z.array(z.object({
    name: z.string(),
    message: z.string(),
    assertionResults: z.array(z.object({
      fullName: z.string(),
      failureMessages: z.array(z.string()),
    })),
  })),
});

/** How much of a failure is told: what was expected, and where. */
const LINES = 12;
let passed = 0;
let failed = 0;
let complete = true;

for (const file of process.argv.slice(2)) {
  try {
    const run = report.parse(JSON.parse(readFileSync(file, "utf8")));
    passed += run.numPassedTests;
    failed += run.numFailedTests;
    // No test at all is a failure too, and so is a file that could not be loaded.
    if (run.numPassedTests === 0 || !run.success) complete = false;
    for (const { name, message, assertionResults } of run.testResults) {
      if (message !== "") tell(name, message);
      for (const { fullName, failureMessages } of assertionResults) {
        if (failureMessages.length > 0) tell(`${name}: ${fullName}`, failureMessages.join("\n"));
      }
    }
  } catch {
    console.error(`the tests left no report in ${file}`);
    complete = false;
  }
}
console.log(`${passed} passed, ${failed} failed`);
if (!complete || failed > 0) process.exitCode = 1;

/**
 * @param {string} title
 * @param {string} message
 */
function tell(title, message) {
  console.error(`\nFAILED ${title}\n${message.split("\n").slice(0, LINES).join("\n")}`);
}
