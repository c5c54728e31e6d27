// `npm run audit`: asks npm's registry for the known weaknesses of every package in the lockfile. Exit code 0: none that
// is not explained in scripts/audit/exceptions.json. 1: there are some. 3: the registry gave no answer, so nothing is known.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { exceptionList, judgeAudit } from "./audit/judge.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const exceptions = exceptionList.parse(
  JSON.parse(readFileSync(new URL("audit/exceptions.json", import.meta.url), "utf8")),
);

// npm's own exit code is 1 for a finding and for a failure alike: what it printed decides.
const printed = await new Promise<string>((resolve) => {
  execFile(
    "npm",
    ["audit", "--json", "--package-lock-only"],
    { cwd: root, timeout: 120_000, maxBuffer: 64 * 1024 * 1024 },
    (_error, stdout) => resolve(stdout),
  );
});
const { result, lines } = judgeAudit(printed, exceptions, new Date().toISOString().slice(0, 10));
for (const line of lines) console[result === "clean" ? "log" : "error"](line);
process.exitCode = { clean: 0, weak: 1, no_answer: 3 }[result];
