// `node scripts/totals.mjs <report>...`: the totals of vitest's JSON reports, after each test that failed and why. What ends a
// long log is what is read first, and often all that is kept of it.
import { readFileSync } from "node:fs";

/** How much of a failure is told: what was expected, and where. */
const LINES = 12;
let passed = 0;
let failed = 0;
let complete = true;

for (const file of process.argv.slice(2)) {
  try {
    const report = JSON.parse(readFileSync(file, "utf8"));
    passed += report.numPassedTests;
    failed += report.numFailedTests;
    // No test at all is a failure too, and so is a file that could not be loaded.
    if (!(report.numPassedTests > 0) || !report.success) complete = false;
    for (const { name, message, assertionResults } of report.testResults) {
      if (message) tell(name, message);
      for (const { fullName, failureMessages } of assertionResults) {
        if (failureMessages.length > 0) tell(`${name}: ${fullName}`, failureMessages.join("\n"));
      }
    }
  } catch {
    console.error(`the tests left no ${file}`);
    complete = false;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(complete && failed === 0 ? 0 : 1);

/**
 * @param {string} title
 * @param {string} message
 */
function tell(title, message) {
  console.error(`\nFAILED ${title}\n${message.split("\n").slice(0, LINES).join("\n")}`);
}
