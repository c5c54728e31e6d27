import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  localStackFile,
  OPERATOR_FILE,
  stackFolders,
} from "../../../scripts/doctor/local-stack.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "billingos doctor "));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A stack's folder, with the operator's file where it is wanted. */
function running(name: string, withFile = true): string {
  mkdirSync(join(folder, name));
  const file = join(folder, name, OPERATOR_FILE);
  if (withFile) writeFileSync(file, "");
  return file;
}

describe("the stack that --local means", () => {
  it("is the one that runs, whatever else lies there", () => {
    running("billingos-cli-x");
    running("billingos-stack-ofatest", false);
    const file = running("billingos-stack-x");
    expect(localStackFile([join(folder, "nowhere"), folder])).toBe(file);
  });

  it.each([
    ["none", [], /no stack runs here; start one with `npm start`/],
    [
      "several",
      ["billingos-stack-a", "billingos-stack-b"],
      /2 stacks run here; name one with --env-file: .*stack-a.*stack-b/,
    ],
  ])("is not guessed where there are %s", (_name, names, reason) => {
    for (const name of names) running(name);
    expect(() => localStackFile([folder])).toThrow(reason);
  });

  it("is looked for where the stack makes its folder", () => {
    expect(stackFolders({ TMPDIR: folder })).toEqual([folder, "/tmp"]);
    expect(stackFolders({ TMPDIR: "/tmp" })).toEqual(["/tmp"]);
  });
});
