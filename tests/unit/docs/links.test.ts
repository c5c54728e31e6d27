import { existsSync, statSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { anchors, linkTargets } from "../../support/source/markdown.ts";
import {
  projectFiles,
  projectRoot,
  readProjectFile,
} from "../../../scripts/source/project-files.ts";

/** What is wrong with the links of one document; links to other sites are not followed. */
function deadLinks(path: string, text: string): string[] {
  return linkTargets(text).flatMap((target) => {
    if (/^(https?:|mailto:)/.test(target)) return [];
    const [file = "", anchor] = target.split("#");
    const found = file === "" ? path : posix.join(posix.dirname(path), decodeURIComponent(file));
    if (found.startsWith("..") || !existsSync(projectRoot + found)) {
      return [`${path}: ${target} is not there`];
    }
    if (anchor === undefined) return [];
    const isDocument = statSync(projectRoot + found).isFile();
    const document = found === path ? text : isDocument ? readProjectFile(found) : "";
    return anchors(document).has(anchor) ? [] : [`${path}: ${target} has no such heading`];
  });
}

/** Links that name a file as it is not called: a text that is a file's name is the end of its path, without a timestamp. */
function misnamed(text: string): string[] {
  return [...text.matchAll(/\[([^\]\s]+\.(?:ts|sql|md))\]\(([^)#\s]+)\)/g)]
    .filter(([, name = "", target = ""]) =>
      !`/${target}`.replace(/\/\d{14}_/, "/").endsWith(`/${name}`)
    )
    .map(([link]) => link);
}

const documents = projectFiles((path) => path.endsWith(".md"));

describe("links", () => {
  it("are looked for in documents that exist", () => {
    expect(documents).toContain("README.md");
    expect(linkTargets(readProjectFile("README.md")).length).toBeGreaterThan(10);
  });

  it.each(documents)("of %s lead somewhere", (path) => {
    expect(deadLinks(path, readProjectFile(path))).toEqual([]);
  });

  it.each(documents)("of %s call a file by its name", (path) => {
    expect(misnamed(readProjectFile(path))).toEqual([]);
  });

  it("may leave out folders and a migration's timestamp, and nothing else", () => {
    const links = [
      "[settle.ts](../shared/checkout/settle.ts)",
      "[confirm.sql](supabase/migrations/20261101000900_confirm.sql)",
      "[the table](shared/contract/error-table.ts)",
    ];
    expect(misnamed(links.join(" "))).toEqual([]);
    expect(misnamed("[settling.ts](../shared/checkout/settle.ts)")).toHaveLength(1);
  });

  it.each([
    ["a missing file", "[a](docs/missing.md)"],
    ["a missing image", "![a](missing.png)"],
    ["a missing heading of this document", "# Here\n[a](#there)"],
    ["a missing heading of another", "[a](CONTRIBUTING.md#there)"],
    ["a heading of a folder", "[a](docs#there)"],
    ["a reference", "[a]: docs/missing.md"],
    ["a file outside of the project", "[a](../elsewhere.md)"],
    ["a heading that stands in a block of code", "```sh\n# there\n```\n[a](#there)"],
  ])("to %s are dead", (_, text) => {
    expect(deadLinks("README.md", text)).toHaveLength(1);
  });

  it.each([
    ["another site", "[a](https://example.com/missing)"],
    ["a file", "[a](CONTRIBUTING.md)"],
    ["a folder", "[a](docs)"],
    ["a heading", "## What `it` is: a test!\n[a](#what-it-is-a-test)"],
    ["the second of two headings", "# Same\n# Same\n[a](#same-1)"],
    ["nothing, being code", "`[a](missing.md)`\n```md\n[a](missing.md)\n```"],
  ])("to %s are alive", (_, text) => {
    expect(deadLinks("README.md", text)).toEqual([]);
  });
});
