// `npm run docs:site`: builds the site of all documents into docs/site/dist/site. What builds it is installed in docs/site, by this
// command alone: it is no part of `npm ci`.
import { spawnSync } from "node:child_process";
import { cp, mkdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { openapiText } from "./docs/openapi/document.ts";
import { readRecorded } from "./docs/openapi/recorded.ts";
import { referencePage } from "./docs/reference/page.ts";
import { projectPages } from "./docs/site/pages.ts";
import { sectionsOf } from "./docs/site/sections.ts";
import { projectRoot } from "./source/project-files.ts";

const folder = join(projectRoot, "docs", "site");
const source = join(folder, "dist", "pages");
const target = join(folder, "dist", "site");

function run(command: string, ...args: readonly string[]): void {
  const { status } = spawnSync(command, args, { cwd: folder, stdio: "inherit" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed`);
}

const changed = (path: string) =>
  stat(join(folder, path)).then(({ mtimeMs }) => mtimeMs, () => undefined);
const [wanted = 0, installed = -1] = await Promise.all([
  changed("package-lock.json"),
  changed("node_modules/.package-lock.json"),
]);
if (installed < wanted) run("npm", "ci", "--no-audit", "--loglevel=error");

const pages = projectPages();
await rm(join(folder, "dist"), { recursive: true, force: true });
for (const page of pages) {
  const file = join(source, page.target);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, page.text);
}
const link = (path: string) => `/${path.replace(/(index)?\.md$/, "")}`;
const sidebar = sectionsOf(pages).map(({ title, pages: those }) => ({
  text: title,
  collapsed: title !== "Guides",
  items: those.map((page) => ({ text: page.title, link: link(page.target) })),
}));
await writeFile(join(source, "sidebar.json"), JSON.stringify(sidebar));
run(join(folder, "node_modules", ".bin", "vitepress"), "build");

const document = openapiText(readRecorded());
await writeFile(join(target, "openapi.json"), document);
await writeFile(join(target, "reference.html"), referencePage(JSON.parse(document)));
for (const path of ["llms.txt", ...pages.map((page) => page.path)]) {
  await cp(join(projectRoot, path), join(target, path));
}
console.log(`docs/site/dist/site: ${pages.length} pages`);
