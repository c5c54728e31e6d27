import { posix } from "node:path";
import { projectFiles, readProjectFile } from "../../source/project-files.ts";

/** A document of the project, as the site has it. */
export interface Page {
  /** In the project. */
  readonly path: string;
  /** In the site; a README is its folder's index. */
  readonly target: string;
  readonly title: string;
  /** The first sentences below the title. */
  readonly summary: string;
  readonly text: string;
}

/** What is no page, and that the site has all the same. */
const assets: ReadonlyMap<string, string> = new Map([["docs/openapi.json", "/openapi.json"]]);

const targetOf = (path: string) => path.replace(/(^|\/)README\.md$/, "$1index.md");

/** The text outside of blocks of code is changed, and nothing within. */
const outside = (text: string, change: (prose: string) => string) =>
  text.split(/(^```[\s\S]*?^```$)/m).map((part, at) => at % 2 === 0 ? change(part) : part).join("");

/** Links to pages are kept, and one that leads to a file or a folder of the sources is its text. */
function withSiteLinks(path: string, text: string, pages: ReadonlySet<string>): string {
  return outside(
    text,
    (prose) =>
      prose.replaceAll(/\[([^\]]*)\]\(([^)\s]+)\)/g, (link, label: string, target: string) => {
        if (/^(https?:|mailto:|#)/.test(target)) return link;
        const [file = "", anchor] = target.split("#");
        const found = posix.join(posix.dirname(path), file);
        const asset = assets.get(found);
        if (asset !== undefined) return `<a href="${asset}" target="_self">${label}</a>`;
        const leads = pages.has(found);
        return leads
          ? `[${label}](${targetOf(file)}${anchor === undefined ? "" : `#${anchor}`})`
          : label;
      }),
  );
}

/** The first paragraph below the title, on one line, with links as their texts. */
function summaryOf(text: string): string {
  const paragraphs = text.replaceAll(/<!--[\s\S]*?-->/g, "").split(/\n{2,}/).map((one) =>
    one.trim()
  );
  const first = paragraphs.find((one) => one !== "" && !/^[#|`\-<]/.test(one)) ?? "";
  return first.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/\s+/g, " ");
}

/** Every document of the project. */
export function projectPages(): readonly Page[] {
  const paths = projectFiles((path) => path.endsWith(".md"));
  const known = new Set(paths);
  return paths.map((path) => {
    const text = readProjectFile(path);
    const title = /^# (.+)$/m.exec(text)?.[1];
    if (title === undefined) throw new Error(`${path} has no title`);
    return {
      path,
      target: targetOf(path),
      title,
      summary: summaryOf(text),
      text: withSiteLinks(path, text, known),
    };
  });
}
