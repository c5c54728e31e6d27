/** Where a language's comments stand. Inside of a string the same signs are taken for one too: more is read, never less. */
const forms: readonly (readonly [files: RegExp, comments: RegExp])[] = [
  [/\.(ts|mjs|js)$/, /\/\*[\s\S]*?\*\/|\/\/.*$/gm],
  [/\.sql$/, /\/\*[\s\S]*?\*\/|--.*$/gm],
  [/\.(toml|sh|yml|yaml)$|^\.ci\//, /(^|\s)#.*$/gm],
];

const blank = (part: string) => part.replace(/[^\n]/g, " ");

/**
 * What a file says to its reader: the prose of a Markdown document, the comments of code. Lines keep their numbers. What is
 * quoted as code (in backticks, in a fenced block, as a link's target, as a file's name) is left out.
 */
export function commentsOf(path: string, text: string): string {
  if (path.endsWith(".md")) {
    return text.replace(/^```[\s\S]*?^```$/gm, blank).replace(/`[^`\n]+`/g, blank)
      .replace(/\]\([^)\s]*\)/g, blank).replace(/[\w./-]+\.(ts|sql|md)\b/g, blank);
  }
  const form = forms.find(([files]) => files.test(path));
  if (form === undefined) throw new Error(`${path}: no language by its name`);
  let kept = "";
  let end = 0;
  for (const { 0: comment, index } of text.matchAll(form[1])) {
    kept += blank(text.slice(end, index)) + comment.replace(/`[^`\n]+`/g, blank);
    end = index + comment.length;
  }
  return kept + blank(text.slice(end));
}
