import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { readRecorded } from "../../../scripts/docs/openapi/recorded.ts";
import { matchPath } from "../../../shared/http/routes.ts";
import {
  byPlace,
  checkedBlocks,
  type CodeBlock,
  codeBlocks,
  codeBlocksOf,
} from "../../support/docs/code-blocks.ts";
import { typeErrors } from "../../support/docs/type-check.ts";
import { described, errorFaults } from "../../support/openapi/description.ts";

const recorded = readRecorded();

/** What checks the blocks of a language: here, or in the file that is named. */
const languages: ReadonlyMap<string, string> = new Map(Object.entries({
  ts: "the compiler",
  tsx: "the compiler",
  json: "the contract",
  sh: "the shell, and tests/unit/docs/commands.test.ts",
  mermaid: "the calls that are drawn",
  sql: "tests/database/docs-blocks.test.ts",
}));

describe("every block of code", () => {
  it("is in a language that something checks, or says why nothing does", () => {
    expect(codeBlocks.length).toBeGreaterThan(25);
    expect(
      codeBlocks.filter(({ language, marker }) =>
        !languages.has(language) && marker?.kind !== "unchecked"
      ),
    ).toEqual([]);
  });

  it("is checked, but for as many as are counted here", () => {
    const unchecked = codeBlocks.filter(({ marker }) => marker?.kind === "unchecked");
    expect(unchecked.map(({ place }) => place)).toEqual([]);
  });
});

describe("the blocks in TypeScript", () => {
  it("have the types of what they call", async () => {
    const blocks = checkedBlocks("ts", "tsx");
    expect(blocks.length).toBeGreaterThan(5);
    const wrong = {
      place: "wrong.md:1",
      language: "ts",
      text:
        'import { createCheckoutClient } from "@billingos/checkout";\ncreateCheckoutClient(1);\n',
      marker: undefined,
    };
    const errors = await typeErrors([...blocks, wrong]);
    expect(errors).toEqual([expect.stringMatching(/^wrong\.md:1\(2,22\): error TS2345/)]);
  });
});

/** What there was to say of a body: the faults of an error, or a recorded body of which it is a part, and the part. */
function held({ text, marker }: CodeBlock) {
  const body: unknown = JSON.parse(text);
  if (marker === undefined) return { part: errorFaults(body), whole: [] };
  const [operation, name] = marker.text.split(" ");
  const example = recorded.find((one) => one.operation === operation && one.name === name);
  if (example === undefined) throw new Error(`nothing was recorded as ${marker.text}`);
  return { part: body, whole: marker.kind === "answer" ? example.answer : example.request };
}

describe("the blocks in JSON", () => {
  it.each(byPlace(checkedBlocks("json")))("at %s are what is answered or asked", (_at, block) => {
    const { part, whole } = held(block);
    expect(whole).toMatchObject(Object(part));
  });
});

describe("the blocks for a shell", () => {
  it.each(byPlace(checkedBlocks("sh")))("at %s are such", (_at, { text }) => {
    // Names that a reader fills in are no redirections.
    const filled = text.replaceAll(/<([a-z][\w ]*)>/g, "$1");
    expect(spawnSync("sh", ["-n"], { input: filled, encoding: "utf8" }).stderr).toBe("");
  });

  const calls = checkedBlocks("sh").flatMap(({ place, text }) =>
    text.replaceAll("\\\n", " ").split("\n").flatMap((line) => {
      const path = /^curl .*"\$FUNCTIONS(\/[^"?]*)/.exec(line)?.[1];
      return path === undefined ? [] : [[place, / -d /.test(line) ? "POST" : "GET", path] as const];
    })
  );
  it("call functions", () => {
    expect(calls.length).toBeGreaterThan(4);
  });
  it.each(calls)("at %s call by %s what there is at %s", (_at, method, path) => {
    expect(called(method, path)).toBe(true);
  });
});

describe("the drawings", () => {
  it.each(byPlace(checkedBlocks("mermaid")))("at %s draw calls that there are", (_at, { text }) => {
    expect(text).toMatch(/^(sequenceDiagram|stateDiagram-v2|flowchart \w+)\n/);
    const drawn = [...text.matchAll(/\b(GET|POST|DELETE) (\/\S+)/g)];
    expect(drawn.filter(([, method = "", path = ""]) => !called(method, path))).toEqual([]);
    // Else there was nothing to look at.
    expect(drawn.length > 0).toBe(text.startsWith("sequenceDiagram"));
  });
});

const called = (method: string, path: string): boolean =>
  described.some((one) => one.method === method && matchPath(one.path, path) !== undefined);

describe("the search for blocks", () => {
  it("tells the line, the language, and what a comment right above says", () => {
    const text = "# A\n\n<!-- within: a(…); -->\n\n```ts\nb\n```\n\ntext\n\n```sh\nls\n```\n";
    expect(codeBlocksOf("a.md", text)).toEqual([
      { place: "a.md:6", language: "ts", text: "b\n", marker: { kind: "within", text: "a(…);" } },
      { place: "a.md:12", language: "sh", text: "ls\n", marker: undefined },
    ]);
  });

  it.each(["  ```ts\n  a\n  ```\n", "~~~\na\n~~~\n"])("overlooks no fence: %j", (text) => {
    expect(() => codeBlocksOf("a.md", text)).toThrow("not looked at");
  });
});
