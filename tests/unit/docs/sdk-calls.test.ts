import { describe, expect, it } from "vitest";
import { matchPath } from "../../../shared/http/routes.ts";
import { projectFiles, readProjectFile } from "../../../scripts/source/project-files.ts";

/** What each function serves, as its entry point says. */
const served = projectFiles((path) => /^supabase\/functions\/[^/]+\/index\.ts$/.test(path))
  .flatMap((path) =>
    [...readProjectFile(path).matchAll(/\{ method: "([A-Z]+)", path: "([^"]+)"/g)]
      .map(([, method = "", route = ""]) => ({ slug: path.split("/")[2] ?? "", method, route }))
  );

/** `| name | METHOD /path | function or no | … |` */
const listed = readProjectFile("docs/sdk.md").split("\n").flatMap((line) => {
  const found = /^\| `(\w+)` *\| `([A-Z]+) (\/\S+)` *\| (?:`([a-z-]+)`|(no)) *\|/.exec(line);
  if (found === null) return [];
  const [, name = "", method = "", path = "", slug = null] = found;
  return [[name, method, path, slug] as const];
});

const answering = (method: string, path: string) =>
  served.find((one) => one.method === method && matchPath(one.route, path) !== undefined)?.slug ??
    null;

describe("the list of the SDK's calls", () => {
  it("and the functions' routes are both there to compare", () => {
    expect(served.length).toBeGreaterThan(15);
    expect(listed.length).toBeGreaterThan(30);
    expect(listed.filter(([, , , slug]) => slug !== null).length).toBeGreaterThan(4);
  });

  it("is read whole: each line of its tables is a call", () => {
    const lines = readProjectFile("docs/sdk.md").split("\n").filter((line) =>
      line.startsWith("| `")
    );
    expect(lines).toHaveLength(listed.length);
  });

  it.each(listed)("says who answers %s: %s %s", (_name, method, path, slug) => {
    expect(answering(method, path.replace(/^\/v1(?=\/)/, ""))).toBe(slug);
  });

  it("names every path that a function has for an SDK alone", () => {
    const routers = served.filter(({ slug }) => slug === "sdk");
    expect(routers).not.toEqual([]);
    for (const { method, route } of routers) {
      expect(listed.map(([, how, path]) => `${how} ${path}`)).toContain(`${method} ${route}`);
    }
  });
});
