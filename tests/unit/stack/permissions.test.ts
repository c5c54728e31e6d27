import { expect, it } from "vitest";
import { environmentGroups } from "../../../shared/env.ts";
import { permissionsOf } from "../../../stack/functions/permissions.ts";
import { projectFiles, readProjectFile } from "../../support/source/project-files.ts";

const indexes = projectFiles((path) => /^supabase\/functions\/[^/]+\/index\.ts$/.test(path));

/** The groups of variables that a function's source asks for. */
function groupsRead(path: string) {
  const [, list = ""] = /environmentRecord\([^[]*\[([^\]]*)\]/.exec(readProjectFile(path)) ?? [];
  return Object.entries(environmentGroups).filter(([group]) => list.includes(`"${group}"`))
    .flatMap(([, names]) => names);
}

it.each(indexes)("%s is let read what it reads and nothing more", (path) => {
  const slug = path.split("/")[2] ?? "";
  expect(groupsRead(path).length).toBeGreaterThan(1);
  expect([...permissionsOf(slug).env].toSorted()).toEqual(groupsRead(path).toSorted());
});

it("a function that nobody thought of is let do nothing", () => {
  expect(() => permissionsOf("constructor")).toThrow("does not say");
});
