import { describe, expect, it } from "vitest";
import {
  projectFiles,
  projectRoot,
  readProjectFile,
} from "../../../scripts/source/project-files.ts";
import { nodesOf, stringOf } from "../../../scripts/source/syntax.ts";
import { supabaseCli } from "../../../scripts/supabase/cli.ts";
import { blocksOf } from "../../support/docs/code-blocks.ts";
import { codeSpans } from "../../support/source/markdown.ts";

/** A command of the Supabase CLI, `npx` before it where somebody is told to type it. */
interface Told {
  readonly words: string;
  readonly options: readonly string[];
  readonly isTyped: boolean;
}

function told(line: string): Told[] {
  const [, npx, words, rest = ""] =
    /^(npx )?supabase ([a-z]+(?: [a-z]+)?)((?: [^ ]+)*)$/.exec(line.trim()) ?? [];
  if (words === undefined) return [];
  const options = rest.split(" ").filter((word) => word.startsWith("-"));
  return [{ words, options, isTyped: npx !== undefined }];
}

/** What a document shows, and what a message in the code of a command says in backticks. */
function linesOf(path: string): string[] {
  const text = readProjectFile(path);
  if (!path.endsWith(".md")) {
    return nodesOf(path, text).flatMap((node) => codeSpans(stringOf(node) ?? ""));
  }
  const blocks = blocksOf(path, "sh").flatMap((block) => block.replaceAll("\\\n", " ").split("\n"));
  return [...codeSpans(text), ...blocks];
}

const found = projectFiles((path) => /(\.md|^scripts\/.*\.ts)$/.test(path)).flatMap((path) =>
  linesOf(path).flatMap(told).map((one) => [path, one] as const)
);

const helps = new Map<string, Promise<string>>();
/** What the pinned CLI says of a command. */
function helpOf(words: string): Promise<string> {
  const help = helps.get(words) ?? supabaseCli(projectRoot, [...words.split(" "), "--help"]);
  helps.set(words, help);
  return help;
}

async function faultsOf({ words, options, isTyped }: Told): Promise<string[]> {
  const help = await helpOf(words);
  // Of a command that it has not the CLI shows the one above.
  if (!new RegExp(`^  supabase ${words} \\[flags\\]`, "m").test(help)) {
    return [`there is no ${words}`];
  }
  const flags = new Set(help.match(/(?<=^ +(?:--[a-z-]+, )?)--?[a-z-]+|(?<=, )-[a-z]\b/gm));
  const unknown = options.map((option) => option.split("=")[0] ?? "")
    .filter((flag) => !flags.has(flag));
  // Without it the CLI takes the project that the folder was linked to, and here none is.
  const isRemote = /Remote only/.test(help) || options.some((one) => /^--remote\b/.test(one));
  const isNamed = options.some((option) => /^--remote=./.test(option));
  return [
    ...unknown.map((flag) => `${words} has no ${flag}`),
    ...(isTyped && isRemote && !isNamed ? [`${words} names no project`] : []),
  ];
}

describe("the commands of the Supabase CLI", () => {
  it("are looked for where there are some", () => {
    expect(found.filter(([, { isTyped }]) => isTyped).length).toBeGreaterThan(3);
  });

  it.each([...new Map(found.map((one) => [JSON.stringify(one), one])).values()])(
    "in %s are what the pinned one has, and name their project: %j",
    async (_path, command) => {
      expect(await faultsOf(command)).toEqual([]);
    },
  );

  it.each([
    ["npx supabase secrets unset A", "secrets unset names no project"],
    ["npx supabase db dump --remote -f a.sql", "db dump names no project"],
    ["npx supabase db dump --linked --remote=<ref>", "db dump has no --linked"],
    ["npx supabase functions deploy --project-ref <ref> --remote=<ref>", "--project-ref"],
    ["supabase secrets forget", "there is no secrets forget"],
  ])("that would fail are found: %s", async (line, fault) => {
    const faults = await Promise.all(told(line).map(faultsOf));
    expect(faults.flat()).toEqual([expect.stringContaining(fault)]);
  });
});
