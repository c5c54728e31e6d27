import { describe, expect, it } from "vitest";
import { codeSpans, sectionOf, tableBelow } from "../../support/source/markdown.ts";
import { projectFiles, readProjectFile } from "../../../scripts/source/project-files.ts";
import { silentTests } from "../../support/source/shown-by.ts";

const security = readProjectFile("SECURITY.md");
const THREATS = "docs/threat-model.md";
const threatModel = readProjectFile(THREATS);

/** The headings of one level below a heading of the level above. */
function headingsBelow(heading: string): string[] {
  const lines = threatModel.split("\n");
  const rest = lines.slice(lines.indexOf(heading) + 1);
  const end = rest.findIndex((line) => line.startsWith("## "));
  return rest.slice(0, end === -1 ? undefined : end).filter((line) => line.startsWith("### "));
}

describe("every threat", () => {
  const threats = headingsBelow("## Threats");

  it("is looked at", () => {
    expect(threats.length).toBeGreaterThan(12);
  });

  it.each(threats)("%s: names tests that are there and test something", (heading) => {
    expect(silentTests(THREATS, sectionOf(threatModel, heading))).toEqual([]);
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
