import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { projectRoot } from "../../../scripts/source/project-files.ts";

const read = (path: string) => readFileSync(projectRoot + path, "utf8");
const guide = read("docs/guides/nextjs.md");

/** From one line to another, both included. */
function between(text: string, first: string, last: string): string {
  const start = text.indexOf(first);
  const end = text.indexOf(last, start);
  if (start < 0 || end < 0) throw new Error(`no ${first} … ${last}`);
  return text.slice(start, end + last.length);
}

// The example is built and run with the packed package (scripts/package.mjs); the guide's copy is as good as it.
it.each([
  ["the browser's client", "app/page.tsx", "const url = ", "\n});"],
  ["the server's token", "app/api/session-token/route.ts", "  const organizationKey", "});"],
])("the guide to Next.js has %s as the example has it", (_what, file, first, last) => {
  const example = between(read(`examples/next/${file}`), first, last);
  const shown = between(
    guide.slice(guide.indexOf(file === "app/page.tsx" ? "## The sheet" : "## The token")),
    first,
    last,
  );
  // Who is signed in, only an app with accounts of its own can say.
  expect(shown.replace("user.id", '"you"')).toBe(example);
});
