import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
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
  mkdirSync(join(folder, name), { mode: 0o711 });
  const file = join(folder, name, OPERATOR_FILE);
  if (withFile) writeFileSync(file, "", { mode: 0o600 });
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

  it.each<readonly [string, (file: string) => void]>([
    ["a file that others may write", (file: string) => chmodSync(file, 0o666)],
    ["a file that others may read", (file: string) => chmodSync(file, 0o644)],
    ["a folder that others may write in", (file: string) => chmodSync(dirname(file), 0o777)],
    ["another's file behind a link", (file: string) => {
      renameSync(file, `${file}.of-another`);
      symlinkSync(`${file}.of-another`, file);
    }],
    ["another's folder behind a link", (file: string) => {
      renameSync(dirname(file), join(folder, "of-another"));
      symlinkSync(join(folder, "of-another"), dirname(file));
    }],
    ...(process.getuid?.() === 0
      ? [["another user's file", (file: string) => chownSync(file, 65_534, 65_534)] as const]
      : []),
  ])("is not %s", (_what, change) => {
    const file = running("billingos-stack-ofanother");
    change(file);
    expect(() => localStackFile([folder])).toThrow(/no stack runs here/);
    const ours = running("billingos-stack-x");
    expect(localStackFile([folder])).toBe(ours);
  });

  it("is looked for where the stack makes its folder", () => {
    expect(stackFolders({ TMPDIR: folder })).toEqual([folder, "/tmp"]);
    expect(stackFolders({ TMPDIR: "/tmp" })).toEqual(["/tmp"]);
  });
});
