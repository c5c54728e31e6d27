import { describe, expect, it } from "vitest";
import * as z from "zod";
import { unchecked } from "../../../scripts/doctor/report.ts";
import { checks } from "../../../scripts/doctor/checks/index.ts";
import { projectFiles, readProjectFile } from "../../../scripts/source/project-files.ts";
import { nodesOf, stringOf, type SyntaxNode } from "../../../scripts/source/syntax.ts";
import { tableBelow } from "../../support/source/markdown.ts";

const operations = readProjectFile("docs/operations.md");
const entries = (heading: string) =>
  tableBelow(operations, heading).map(([name = "", ...rest]) => ({
    name: name.replaceAll("`", ""),
    rest,
  }));
const names = (heading: string) => entries(heading).map(({ name }) => name);

/** Each once; one that is computed is told as such. */
const sorted = (found: readonly (string | undefined)[]) =>
  [...new Set(found.map((one) => one ?? "a computed message"))].toSorted();

const name = z.object({ name: z.string() });
const errorCall = z.object({
  type: z.literal("CallExpression"),
  callee: z.object({
    type: z.literal("MemberExpression"),
    object: z.union([
      name,
      z.object({ property: name }).transform(({ property }) => property),
    ]),
    property: z.unknown(),
    computed: z.boolean(),
  }),
  arguments: z.array(z.unknown()),
});

/** The messages that a file logs as errors, or maybe as errors; undefined for one that is computed. */
function loggedErrors(path: string, text: string): (string | undefined)[] {
  return nodesOf(path, text).flatMap((node: SyntaxNode) => {
    const call = errorCall.safeParse(node).data;
    if (call?.callee.object.name !== "log") return [];
    const method = name.safeParse(call.callee.property).data?.name;
    return call.callee.computed || method === "error" ? [stringOf(call.arguments[0])] : [];
  });
}

describe("the runbook", () => {
  const shipped = projectFiles((path) => /^(shared|supabase\/functions)\/.*\.ts$/.test(path));
  const logged = shipped.flatMap((path) => loggedErrors(path, readProjectFile(path)));

  it("has an entry for every message that is logged as an error, and for no other", () => {
    expect(logged.length).toBeGreaterThan(15);
    expect(names("### Errors in the log").toSorted()).toEqual(sorted(logged));
  });

  it("has an entry for every finding of the doctor, and for no other", () => {
    const findings = checks.flatMap(({ findings: kinds }) => Array.from(kinds.keys()));
    expect(names("### What the doctor finds").toSorted()).toEqual(
      sorted([unchecked.name, ...findings]),
    );
  });

  it.each(["### What the doctor finds", "### Errors in the log"])(
    "says in %s what each means, how urgent it is and what to do",
    (heading) => {
      for (const { rest } of entries(heading)) {
        expect(rest).toHaveLength(3);
        expect(rest).not.toContain("");
      }
    },
  );
});

describe("the search for errors", () => {
  it.each<[string, string, (string | undefined)[]]>([
    ["a message", `log.error("a", {});`, ["a"]],
    ["one of a port's", `ports.log.error("a");`, ["a"]],
    ["one of a level that is computed", `log[level]("a");`, ["a"]],
    ["a message that is computed, which no table can hold", `log.error(told);`, [undefined]],
    ["no warning", `log.warn("a"); log.info("b");`, []],
    ["no error of another object", `console.error("a"); z.error("b");`, []],
  ])("finds %s", (_name, text, messages) => {
    expect(loggedErrors("a.ts", text)).toEqual(messages);
  });
});
