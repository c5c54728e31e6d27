import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { exceptionList, type Exceptions, judgeAudit } from "../../scripts/audit/judge.ts";
import { projectRoot, readProjectFile } from "../../scripts/source/project-files.ts";
import { clean, refusedByRegistry, unreachable, withFinding } from "./audit/recorded.ts";

const TODAY = "2026-11-25";
const explained = (changes: Partial<Exceptions[number]> & { severity?: string } = {}) => [{
  advisory: "GHSA-67mh-4wv8-f99p",
  package: "esbuild",
  reason: "The development server that it is about is never started here.",
  until: "2026-12-31",
  ...changes,
}];
const judge = (answer: unknown, exceptions: Exceptions = []) =>
  judgeAudit(typeof answer === "string" ? answer : JSON.stringify(answer), exceptions, TODAY);

describe("an audit", () => {
  it("is clean where the registry looked at packages and found nothing", () => {
    expect(judge(clean)).toEqual({
      result: "clean",
      lines: ["228 packages, nothing unexplained."],
    });
  });

  it("is not where it found something, and says what, how bad and where to read of it", () => {
    const { result, lines } = judge(withFinding);
    expect(result).toBe("weak");
    // Once, though two packages are weak by it.
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^moderate: esbuild <=0\.24\.2: .*\/GHSA-67mh-4wv8-f99p\)$/);
  });

  it("is clean where what it found is explained, and repeats the reason", () => {
    const { result, lines } = judge(withFinding, explained());
    expect(result).toBe("clean");
    expect(lines[0]).toContain("never started here");
  });

  it.each([
    ["of another package", withFinding, explained({ package: "vite" }), /^moderate: esbuild/],
    [
      "of another advisory",
      withFinding,
      explained({ advisory: "GHSA-2222-2222-2222" }),
      /^moderate: esbuild/,
    ],
    [
      "past its date",
      withFinding,
      explained({ until: "2026-11-24" }),
      /exception for esbuild GHSA-67mh-4wv8-f99p ended 2026-11-24/,
    ],
    ["that fits nothing any more", clean, explained(), /take it out/],
  ])("is not made clean by an exception %s", (_name, answer, exceptions, said) => {
    const { result, lines } = judge(answer, exceptions);
    expect(result).toBe("weak");
    expect(lines.join("\n")).toMatch(said);
  });

  it.each([
    ["that the registry refuses", refusedByRegistry, /HTTP status 405/],
    ["of an unreachable registry", unreachable, /ENOTFOUND/],
    ["that is empty", "", /no JSON/],
    ["that is a page", "<html>not found</html>", /no JSON/],
    ["that is nothing", "null", /another form/],
    ["of another version", { ...clean, auditReportVersion: 3 }, /another form/],
    ["without its counts", { ...clean, metadata: {} }, /another form/],
    [
      "that looked at nothing",
      {
        ...clean,
        metadata: { ...clean.metadata, dependencies: { ...clean.metadata.dependencies, total: 0 } },
      },
      /looked at no package/,
    ],
    [
      "that names weak packages and no advisory",
      { ...withFinding, vulnerabilities: { vite: { via: ["esbuild"] } } },
      /names no advisory/,
    ],
    [
      "that counts weak packages and names none",
      { ...withFinding, vulnerabilities: {} },
      /names no advisory/,
    ],
  ])("with an answer %s is none, and never clean", (_name, answer, said) => {
    const { result, lines } = judge(answer, explained());
    expect(result).toBe("no_answer");
    expect(lines.join("\n")).toMatch(said);
    expect(lines.join("\n")).toContain("not a clean audit");
  });
});

describe("the exceptions", () => {
  it("are a list, each with its advisory, package, reason and last day", () => {
    const list = exceptionList.safeParse(
      JSON.parse(readProjectFile("scripts/audit/exceptions.json")),
    );
    expect(list.error).toBeUndefined();
  });

  it.each([
    ["no reason", explained({ reason: "" })],
    ["hardly a reason", explained({ reason: "not relevant" })],
    ["no day", explained({ until: "soon" })],
    ["a number of npm's own for an advisory", explained({ advisory: "1102341" })],
    ["a pattern for an advisory", explained({ advisory: "GHSA-*" })],
    ["another key", explained({ severity: "low" })],
  ])("with %s are refused", (_name, list) => {
    expect(exceptionList.safeParse(list).success).toBe(false);
  });
});

describe("npm run audit", () => {
  const folder = mkdtempSync(join(tmpdir(), "audit-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the command with an `npm` that prints a recorded answer, whatever it is asked. */
  const exitCode = (answer: unknown, code: number) => {
    writeFileSync(join(folder, "answer.json"), JSON.stringify(answer));
    const npm = join(folder, "npm");
    writeFileSync(npm, `#!/bin/sh\ncat "${join(folder, "answer.json")}"\nexit ${code}\n`);
    chmodSync(npm, 0o755);
    return new Promise<unknown>((resolve) => {
      const child = execFile("node", ["scripts/run.mjs", "scripts/audit.ts"], {
        cwd: projectRoot,
        env: { ...process.env, PATH: folder + delimiter + (process.env["PATH"] ?? "") },
      }, () => resolve(child.exitCode));
    });
  };

  it.each([
    ["0 where all is well", clean, 0, 0],
    ["1 where something is weak", withFinding, 1, 1],
    ["3 where the registry refuses", refusedByRegistry, 1, 3],
    ["3 where npm fails and yet says that it went well", {}, 0, 3],
  ])("ends with %s", async (_name, answer, npmsCode, wanted) => {
    expect(await exitCode(answer, npmsCode)).toBe(wanted);
  });
});
