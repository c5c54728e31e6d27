import { projectFiles, readProjectFile } from "../../../scripts/source/project-files.ts";

/** A fenced block of a document, with what a comment right above it says of how it is checked. */
export interface CodeBlock {
  /** `docs/api.md:12`, of its first line. */
  readonly place: string;
  readonly language: string;
  readonly text: string;
  readonly marker: Marker | undefined;
}

const kinds = ["within", "answer", "request", "unchecked"] as const;

/**
 * `within`: code of which the block is a part, at the place of `…`. `example`: a recorded answer, or the `request` to it, by its
 * operation and name. `unchecked`: why nothing checks it.
 */
export interface Marker {
  readonly kind: (typeof kinds)[number];
  readonly text: string;
}

export function codeBlocksOf(path: string, text: string): CodeBlock[] {
  // An indented fence, or one of tildes, would be one that nobody looks at.
  const odd = /^(?: +```|\s*~~~).*$/m.exec(text);
  if (odd !== null) throw new Error(`${path} has a fence that is not looked at: ${odd[0]}`);
  return [...text.matchAll(/^```(\S*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const { index, 1: language = "", 2: block = "" } = match;
    const before = text.slice(0, index);
    const place = `${path}:${before.split("\n").length + 1}`;
    return { place, language, text: block, marker: markerAbove(before, place) };
  });
}

function markerAbove(before: string, place: string): Marker | undefined {
  const end = before.trimEnd();
  if (!end.endsWith("-->")) return undefined;
  const comment = end.slice(end.lastIndexOf("<!--") + 4, -3).trim();
  const found = /^(\w+): ([\s\S]+)$/.exec(comment);
  if (found === null) return undefined;
  const [, word = "", text = ""] = found;
  const kind = kinds.find((one) => one === word);
  if (kind === undefined) throw new Error(`${place}: there is no marker ${word}`);
  return { kind, text: text.trim() };
}

/** The texts of a document's blocks in one language. */
export const blocksOf = (path: string, language: string): string[] =>
  codeBlocksOf(path, readProjectFile(path))
    .filter((block) => block.language === language).map(({ text }) => text);

/** Every block of every document. */
export const codeBlocks: readonly CodeBlock[] = projectFiles((path) => path.endsWith(".md"))
  .flatMap((path) => codeBlocksOf(path, readProjectFile(path)));

/** Those in some languages that say of themselves no reason to leave them out. */
export const checkedBlocks = (...languages: readonly string[]): CodeBlock[] =>
  codeBlocks.filter(({ language, marker }) =>
    languages.includes(language) && marker?.kind !== "unchecked"
  );

/** Each with its place first, as tables of tests have it. */
export const byPlace = (blocks: readonly CodeBlock[]): [string, CodeBlock][] =>
  blocks.map((block) => [block.place, block]);
