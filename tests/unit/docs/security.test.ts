import { describe, expect, it } from "vitest";
import { codeSpans, linkTargets, sectionOf, tableBelow } from "../../support/source/markdown.ts";
import { projectFiles, readProjectFile } from "../../support/source/project-files.ts";

const security = readProjectFile("SECURITY.md");
const tests = projectFiles((path) => /^tests\/.+\.test\.ts$/.test(path));

/** The headings of one level below a heading of the level above. */
function headingsBelow(heading: string): string[] {
  const lines = security.split("\n");
  const rest = lines.slice(lines.indexOf(heading) + 1);
  const end = rest.findIndex((line) => line.startsWith("## "));
  return rest.slice(0, end === -1 ? undefined : end).filter((line) => line.startsWith("### "));
}

/** The test files that a text names: one by one, or as the folder that they are in. */
const testsNamed = (text: string): [target: string, files: string[]][] =>
  linkTargets(text).filter((target) => target.startsWith("tests/"))
    .map((
      target,
    ) => [target, tests.filter((path) => path === target || path.startsWith(`${target}/`))]);

describe("every threat", () => {
  const threats = headingsBelow("## Threats");

  it("is looked at", () => {
    expect(threats.length).toBeGreaterThan(12);
  });

  it.each(threats)("%s: names tests that are there and test something", (heading) => {
    const section = sectionOf(security, heading);
    expect(section).toContain("Shown by ");
    const shown = section.slice(section.indexOf("Shown by "));
    const named = testsNamed(shown);
    expect(named).not.toEqual([]);
    for (const [target, files] of named) {
      expect(`${target}: ${files.length}`).not.toBe(`${target}: 0`);
      for (const file of files) expect(readProjectFile(file)).toMatch(/\bexpect\(|\bawait expect/);
    }
  });
});

describe("the table of callers", () => {
  const calls = tableBelow(security, "## Who may call what, with which proof");

  it("names every function: what has no proof here is called by anybody", () => {
    const spans = codeSpans(sectionOf(security, "## Who may call what, with which proof")).join(
      " ",
    );
    const slugs = projectFiles((path) => /^supabase\/functions\/[^/]+\/index\.ts$/.test(path))
      .map((path) => path.split("/")[2] ?? "");
    expect(slugs.length).toBeGreaterThan(6);
    expect(slugs.filter((slug) => !new RegExp(`(^|[ /])${slug}($|[ /])`).test(spans))).toEqual([]);
  });

  it("says for every call who calls, with which proof, and what it opens", () => {
    expect(calls.length).toBeGreaterThan(8);
    for (const row of calls) {
      expect(row).toHaveLength(4);
      expect(row).not.toContain("");
    }
  });
});
