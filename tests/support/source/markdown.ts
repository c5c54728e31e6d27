/** The rows of the first table below a heading, without its head, each cell trimmed. */
export function tableBelow(text: string, heading: string): string[][] {
  const rows = sectionOf(text, heading).split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim()));
  if (rows.length < 3) throw new Error(`there is no table below "${heading}"`);
  return rows.slice(2);
}

/** What stands between a heading and the next one, of whatever level. */
export function sectionOf(text: string, heading: string): string {
  const lines = text.split("\n");
  // In a block of code such a line is a comment.
  const headings = blankedBlocks(text).split("\n")
    .flatMap((line, index) => /^#{1,6} /.test(line) ? [index] : []);
  const start = headings.find((index) => lines[index] === heading);
  if (start === undefined) throw new Error(`there is no heading "${heading}"`);
  return lines.slice(start + 1, headings.find((index) => index > start)).join("\n");
}

/** Everything in backticks, outside of fenced blocks. */
export function codeSpans(text: string): string[] {
  return [...blankedBlocks(text).matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
}

/** The targets of links and images. */
export function linkTargets(text: string): string[] {
  const prose = blankedBlocks(text).replace(/`[^`\n]*`/g, "");
  const inline = /\]\(\s*<?([^)\s>]*)>?(?:\s+"[^"]*")?\s*\)/g;
  const references = /^\[[^\]]+\]:\s*(\S+)/gm;
  return [...prose.matchAll(inline), ...prose.matchAll(references)].map((match) => match[1] ?? "");
}

/** The anchors that GitHub makes of the headings. */
export function anchors(text: string): Set<string> {
  const seen = new Map<string, number>();
  const made = [...blankedBlocks(text).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map((match) => {
    const words = (match[1] ?? "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = words.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
  return new Set(made);
}

/** The text with its fenced blocks emptied, line by line. */
function blankedBlocks(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, (block) => block.replace(/[^\n]/g, ""));
}
