import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { projectRoot } from "../../scripts/source/project-files.ts";

it("npm adds nothing to what a command prints, neither before it nor after it fails", () => {
  const { stdout, stderr, status } = spawnSync("npm", ["run", "keys", "--", "nothing"], {
    cwd: projectRoot,
    encoding: "utf8",
  });
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/usage: npm run keys/);
});
