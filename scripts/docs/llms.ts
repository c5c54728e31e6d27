import { projectPages } from "./site/pages.ts";
import { sectionsOf } from "./site/sections.ts";

/** The text of llms.txt, in the form of https://llmstxt.org: every document with its first sentences. */
export function llmsText(): string {
  const pages = projectPages();
  const readme = pages.find(({ path }) => path === "README.md");
  if (readme === undefined) throw new Error("there is no README.md");
  const sections = sectionsOf(pages).map(({ title, pages: those }) =>
    [
      `## ${title}`,
      "",
      ...those.map((page) =>
        `- [${page.title}](${page.path})${page.summary && `: ${page.summary}`}`
      ),
      "",
    ].join("\n")
  );
  const contract = [
    "## Contract",
    "",
    "- [docs/openapi.json](docs/openapi.json): every call in OpenAPI 3.1, with the errors of each and examples of a real run",
    "",
  ].join("\n");
  return [`# ${readme.title}`, "", `> ${readme.summary}`, "", contract, ...sections].join("\n");
}
