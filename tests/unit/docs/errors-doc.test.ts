import { describe, expect, it } from "vitest";
import { errorsDocument } from "../../../scripts/docs/errors.ts";
import { markdownTable } from "../../../scripts/docs/markdown-table.ts";
import { errorTable } from "../../../shared/contract/error-table.ts";
import { readProjectFile } from "../../../scripts/source/project-files.ts";

describe("docs/errors.md", () => {
  it("is what `npm run docs:errors` makes of shared/contract/error-table.ts", () => {
    expect(readProjectFile("docs/errors.md")).toBe(errorsDocument());
  });

  it.each(Object.entries(errorTable))("tells of %s", (code, { status, retry, message }) => {
    const row = readProjectFile("docs/errors.md").split("\n")
      .map((line) => line.split("|").map((cell) => cell.trim()))
      .filter(([, first]) => first === `\`${code}\``);
    expect(row).toEqual([["", `\`${code}\``, `${status}`, retry ? "yes" : "no", message, ""]]);
  });
});

describe("a Markdown table", () => {
  it("pads each column to its widest cell and keeps a bar inside its cell", () => {
    expect(markdownTable(["A", "Head"], [["long", "a|b"]])).toBe(
      ["| A    | Head |", "| ---- | ---- |", "| long | a\\|b |", ""].join("\n"),
    );
  });
});
