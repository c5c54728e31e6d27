import { describe, expect, it } from "vitest";
import { llmsText } from "../../../scripts/docs/llms.ts";
import { projectPages } from "../../../scripts/docs/site/pages.ts";
import { sectionsOf } from "../../../scripts/docs/site/sections.ts";
import { projectFiles, readProjectFile } from "../../../scripts/source/project-files.ts";
import { linkTargets } from "../../support/source/markdown.ts";

const pages = projectPages();
const paths = projectFiles((path) => path.endsWith(".md"));

describe("the site", () => {
  it("has every document, each once, and each of its own address", () => {
    expect(pages.map(({ path }) => path)).toEqual(paths);
    expect(new Set(pages.map(({ target }) => target)).size).toBe(paths.length);
    const listed = sectionsOf(pages).flatMap((section) => section.pages.map(({ path }) => path));
    expect(listed.toSorted()).toEqual(paths.toSorted());
  });

  it.each(pages.map((page) => [page.path, page] as const))(
    "leads from %s to pages and to other sites alone",
    (_path, { text }) => {
      const targets = linkTargets(text).filter((target) => !/^(https?:|mailto:|#)/.test(target));
      expect(targets.filter((target) => !/\.md(#.*)?$/.test(target))).toEqual([]);
    },
  );

  it("tells what each guide is about", () => {
    const guides = pages.filter(({ path }) => path.startsWith("docs/guides/"));
    expect(guides.length).toBeGreaterThan(10);
    expect(guides.filter(({ summary }) => summary.length < 30)).toEqual([]);
  });

  it("has each guide in the list of guides", () => {
    const listed = new Set(
      linkTargets(readProjectFile("docs/guides/README.md")).map((target) =>
        `docs/guides/${target}`
      ),
    );
    expect(paths.filter((path) => path.startsWith("docs/guides/") && !listed.has(path)))
      .toEqual(["docs/guides/README.md"]);
  });
});

describe("llms.txt", () => {
  it("is what `npm run docs:llms` makes of the documents", () => {
    expect(readProjectFile("llms.txt")).toBe(llmsText());
  });

  it("names every document", () => {
    const targets = new Set(linkTargets(llmsText()));
    expect(paths.filter((path) => !targets.has(path))).toEqual([]);
  });
});
