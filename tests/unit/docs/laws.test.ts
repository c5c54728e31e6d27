import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { commentsOf } from "../../support/source/comments.ts";
import { linkTargets, sectionOf } from "../../support/source/markdown.ts";
import { projectFiles, readProjectFile } from "../../../scripts/source/project-files.ts";
import { silentTests } from "../../support/source/shown-by.ts";

const LAWS = "docs/laws.md";
const text = readProjectFile(LAWS);
const stated = [...text.matchAll(/^## Law (\d+)$/gm)].map(([, number]) => Number(number));

/** The numbers of the laws that a text cites: "law 7", "laws 3 and 5", "laws 1, 2 and 4". */
function cited(prose: string): number[] {
  return [...prose.matchAll(/\blaws? (\d+(?:(?:,| and|, and) \d+)*)/gi)]
    .flatMap(([, numbers = ""]) => numbers.match(/\d+/g) ?? []).map(Number);
}

describe("the laws", () => {
  it("are numbered from one, without a gap", () => {
    expect(stated.length).toBeGreaterThan(10);
    expect(stated).toEqual(stated.map((_, index) => index + 1));
  });

  it("are all in the table at the top, in their order", () => {
    const listed = [...text.matchAll(/^\| \[(\d+)\]\(#law-\1\)/gm)].map(([, number]) =>
      Number(number)
    );
    expect(listed).toEqual(stated);
  });

  it.each(stated)("law %i says which code keeps it", (number) => {
    const section = sectionOf(text, `## Law ${number}`);
    const kept = section.slice(section.indexOf("Kept by: "), section.indexOf("Shown by "));
    const code = linkTargets(kept).map((target) => posix.join("docs", target))
      .filter((path) => /^(shared|supabase)\//.test(path));
    expect(code).not.toEqual([]);
  });

  it.each(stated)("law %i names tests that are there and test something", (number) => {
    expect(silentTests(LAWS, sectionOf(text, `## Law ${number}`))).toEqual([]);
  });
});

describe("a law that a comment or a document cites", () => {
  const prose = projectFiles((path) => /\.(ts|mjs|sql|md)$/.test(path) && path !== LAWS)
    .map((path) => [path, cited(commentsOf(path, readProjectFile(path)))] as const)
    .filter(([, numbers]) => numbers.length > 0);

  it("is looked for where there are some", () => {
    expect(prose.length).toBeGreaterThan(1);
  });

  it.each(prose)("is stated (%s)", (_path, numbers) => {
    expect(numbers.filter((number) => !stated.includes(number))).toEqual([]);
  });

  it.each([
    ["one", "breaks law 7", [7]],
    ["two", "(laws 3 and 5)", [3, 5]],
    ["several", "Laws 1, 2 and 14 hold", [1, 2, 14]],
    ["none", "the lawyer has 3", []],
  ])("is read from a text: %s", (_, sentence, numbers) => {
    expect(cited(sentence)).toEqual(numbers);
  });
});

describe("a section that is shown by nothing", () => {
  it.each([
    ["is silent", "**A law.**"],
    ["names no test", "Shown by [laws](laws.md)."],
    ["names a test that is not there", "Shown by [a](../tests/unit/missing.test.ts)."],
    ["names a folder without tests", "Shown by [a](../tests/support)."],
    ["names what is no test", "Shown by [a](../tests/chaos/laws.ts)."],
  ])("fails where it %s", (_, section) => {
    expect(silentTests(LAWS, section)).toHaveLength(1);
  });
});
