import { describe, expect, it } from "vitest";
import { commentsOf } from "../../support/source/comments.ts";
import { projectFiles, readProjectFile } from "../../support/source/project-files.ts";

/** Riddles, and the word of the field that says the same. Looked for in everything, names of tests included. */
const riddles: readonly (readonly [riddle: RegExp, plain: string])[] = [
  [/\b(its|whose|the) hour (is|was) over\b/gi, "past its expiry, expired"],
  [/\b(comes?|came|come) to its hour\b/gi, "expires"],
  [/\b(ends?|expires|waits?) (with|for) its hour\b/gi, "expires"],
  [/\b(before|after) its hour\b/gi, "before or after its expiry"],
  [/\b(grace|day) (is|was) over\b/gi, "the grace period has ended, past its date"],
  [/\b(put|puts|putting) (a card|cards|no card|the card|it|another card)? ?forward\b/gi, "attempt"],
  [/\b(put|puts|putting) (a card|cards) to\b/gi, "attempt a card"],
  [/\bof which nothing\b/gi, "with nothing due; that nobody knows"],
  [/\bof which no (event|webhook|body|row)\b/gi, "about which no event came"],
  [/\b(invoice|intent) is over\b/gi, "is for"],
  [/\bwith whom all is over\b/gi, "once everything has come to rest"],
];

/** British spellings, looked for in prose: comments and documents. "Catalogue" is the product's own word. */
const british = new RegExp(
  `\\b(${
    [
      "(dis)?honour\\w*",
      "(colour|behaviour|favour|neighbour|labour|flavour|rumour|harbour|endeavour|humour|rigour)\\w*",
      "(cancell|labell|modell|travell|signall|totall|levell|channell)(ed|ing|er)",
      "fulfil(s|ment|ments)?",
      "(licence|defence|offence|judgement|acknowledgement|centre|metre|cheque|programme|grey|dialogue|artefact)s?",
      "(whilst|amongst|learnt|spelt|burnt|towards|sceptic\\w*|ageing|practis\\w+)",
      "(author|organ|recogn|serial|normal|initial|final|real|summar|minim|maxim|optim|util|synchron|categor|priorit|emphas|apolog|custom|random|token|parametr|special|general|visual|standard)is(e|es|ed|ing|ation|ations)",
      "(analys|paralys|catalys)(e|es|ed|ing)",
    ].join("|")
  })\\b`,
  "gi",
);

/** Each finding of one file, with its line. */
function findings(path: string, text: string): string[] {
  const at = (index: number) => `${path}:${text.slice(0, index).split("\n").length}`;
  return [
    ...riddles.flatMap(([riddle, plain]) =>
      [...text.matchAll(riddle)].map(({ 0: found, index }) =>
        `${at(index)}: "${found}", plainly: ${plain}`
      )
    ),
    ...[...commentsOf(path, text).matchAll(british)]
      .map(({ 0: found, index }) => `${at(index)}: "${found}" is British`),
  ];
}

const own = projectFiles((path) =>
  /\.(ts|mjs|sql|md|toml|sh)$|^\.ci\//.test(path) &&
  path !== "shared/database/database.types.ts" &&
  // What it forbids stands in it.
  path !== "tests/unit/docs/style.test.ts"
);

describe("our words", () => {
  it.each([
    "shared/",
    "supabase/migrations/",
    "supabase/functions/",
    "packages/",
    "stack/",
    "tests/",
    "docs/",
  ])(
    "are looked for in %s",
    (folder) => {
      const text = own.filter((path) => path.startsWith(folder))
        .map((path) => commentsOf(path, readProjectFile(path))).join("");
      expect(text.match(/\b[a-z]+\b/gi)?.length ?? 0).toBeGreaterThan(50);
    },
  );

  it("are plain and American", () => {
    expect(own).toContain("README.md");
    expect(own.flatMap((path) => findings(path, readProjectFile(path)))).toEqual([]);
  });
});

describe("the check", () => {
  it.each([
    ["a riddle in a comment", "a.ts", "// a session whose hour is over"],
    ["a riddle in a test's name", "a.test.ts", `it("puts a card forward", run);`],
    ["a riddle over two words less", "a.sql", "-- what was put forward before"],
    ["a riddle in a document", "a.md", "A session of which nothing is due."],
    ["a British word in a comment", "a.ts", "/** Its behaviour. */"],
    ["a British word in SQL", "a.sql", "select 1; -- is honoured"],
    ["a British word in a document", "a.md", "It was cancelled."],
    ["a British word in settings", "a.toml", "# the colour"],
    ["one in capitals", "a.md", "Licence"],
  ])("finds %s", (_, path, text) => {
    expect(findings(path, text)).toHaveLength(1);
  });

  it.each([
    ["a name in code", "a.ts", "const behaviour = fulfil;"],
    ["a name in backticks", "a.ts", "// `fulfil` or `behaviour`"],
    ["a link's target", "a.md", "[fulfillment](fulfilment.ts)"],
    ["a file's name", "a.md", "[e2e/fulfilment.test.ts](fulfilment.test.ts)"],
    ["a block of code", "a.md", "```ts\nconst colour = 1;\n```"],
    ["American words", "a.md", "Honored, canceled, fulfilled, a cancellation, the catalogue."],
    ["time and money", "a.sql", "-- once the wait is over, an hour after it expired"],
  ])("has nothing against %s", (_, path, text) => {
    expect(findings(path, text)).toEqual([]);
  });

  it("tells the line", () => {
    expect(findings("a.md", "\n\nthe colour")).toEqual(['a.md:3: "colour" is British']);
  });
});
