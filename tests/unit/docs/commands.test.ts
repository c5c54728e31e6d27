import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { importsOf } from "../../../scripts/source/imports.ts";
import { projectFiles, readProjectFile } from "../../../scripts/source/project-files.ts";
import { blocksOf } from "../../support/docs/code-blocks.ts";
import { codeSpans } from "../../support/source/markdown.ts";

const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readProjectFile("package.json")));
const sources = new Set(projectFiles((path) => /\.(ts|tsx|mjs)$/.test(path)));

/** The text of a script and of all of ours that it imports. */
function textOf(path: string, seen = new Set<string>()): string {
  if (seen.has(path) || !sources.has(path)) return "";
  seen.add(path);
  const text = readProjectFile(path);
  const imported = importsOf(path, text).flatMap((name) =>
    name?.startsWith(".") === true ? [posix.join(posix.dirname(path), name)] : []
  );
  return [text, ...imported.map((one) => textOf(one, seen))].join("\n");
}

const texts = new Map<string, string>();
function programOf(script: string): string {
  const path = / ((?:scripts|stack|packages|bench)\/\S+\.(?:ts|mjs))$/.exec(
    scripts[script]?.replace(" scripts/run.mjs", "") ?? "",
  )?.[1];
  if (path === undefined) throw new Error(`npm run ${script} starts no file of ours`);
  const known = texts.get(path) ?? textOf(path);
  texts.set(path, known);
  return known;
}

/** Whether a program has an option: `parseArgs` is told of it by its name and its kind. */
const hasOption = (script: string, option: string): boolean =>
  new RegExp(`["{, \\n]${option}"?: (?:\\{[^}]*type:|text\\b)`).test(programOf(script));

/** Each option of each command that a document shows, vitest's own left out, which `npm test` hands on. */
const shown = projectFiles((path) => path.endsWith(".md")).flatMap((path) => {
  const text = readProjectFile(path);
  const lines = [
    ...codeSpans(text),
    ...blocksOf(path, "sh").flatMap((block) => block.replaceAll("\\\n", " ").split("\n")),
  ];
  return lines.flatMap((line) => {
    const [, script, given = ""] = /\bnpm (?:run )?([a-z][a-z:-]*) -- ([^#]*)/.exec(line) ?? [];
    if (script === undefined || script === "test") return [];
    return [...given.matchAll(/(?:^|[\s[])--([a-z][a-z-]*)/g)]
      .map(([, option = ""]): [string, string, string] => [path, script, option]);
  });
});

describe("the options of commands", () => {
  it("are looked for where there are some", () => {
    expect(shown.length).toBeGreaterThan(30);
  });

  it.each([...new Map(shown.map((one) => [one.join(), one])).values()])(
    "in %s: npm run %s has --%s",
    (_path, script, option) => {
      expect(hasOption(script, option)).toBe(true);
    },
  );

  it.each([["doctor", "no-such"], ["deploy", "json"]])(
    "that a program does not have are found: npm run %s --%s",
    (script, option) => {
      expect(hasOption(script, option)).toBe(false);
    },
  );
});
