import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/install.mjs";

const folder = mkdtempSync(join(tmpdir(), "totals-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Test {
  readonly fullName: string;
  readonly failureMessages: readonly string[];
}

/** A report as vitest's JSON reporter leaves it, of one file. */
function report(name: string, tests: readonly Test[], message = ""): string {
  const failed = tests.filter(({ failureMessages }) => failureMessages.length > 0).length;
  const path = join(folder, `${name}.json`);
  writeFileSync(
    path,
    JSON.stringify({
      numPassedTests: tests.length - failed,
      numFailedTests: failed,
      success: failed === 0 && message === "",
      testResults: [{ name: `${name}.test.ts`, message, assertionResults: tests }],
    }),
  );
  return path;
}

const good = { fullName: "holds", failureMessages: [] };
const bad = { fullName: "a law breaks", failureMessages: ["expected 1 to be 2\n    at here"] };

function totals(...files: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "scripts/totals.mjs"), ...files],
    { encoding: "utf8" },
  );
  return { status, told: stdout.trim(), errors: stderr };
}

describe("the totals of a run", () => {
  it("are good when every test of every report passed", () => {
    expect(totals(report("one", [good]), report("two", [good, good])))
      .toEqual({ status: 0, told: "3 passed, 0 failed", errors: "" });
  });

  it("name each test that failed, with what was expected", () => {
    const { status, told, errors } = totals(report("one", [good, bad]), report("two", [good]));
    expect([status, told]).toEqual([1, "2 passed, 1 failed"]);
    expect(errors).toContain("one.test.ts: a law breaks\nexpected 1 to be 2\n    at here");
  });

  it.each([
    ["a file could not be loaded", () => report("broken", [good], "no such module")],
    ["no test ran", () => report("empty", [])],
    ["there is no report", () => join(folder, "none.json")],
  ])("are not good when %s", (_why, made) => {
    expect(totals(report("one", [good]), made()).status).toBe(1);
  });
});
