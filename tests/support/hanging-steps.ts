// A program that hangs in its second step, for who ends it there.
import { runSteps } from "../../scripts/deploy/step.ts";

const step = (name: string, apply: () => Promise<void>) => ({
  name,
  check: () => Promise.resolve(["work"]),
  apply,
});
await runSteps(
  [
    step("schema", () => Promise.resolve()),
    step("functions", () => new Promise((resolve) => setTimeout(resolve, 600_000))),
    step("cron", () => Promise.resolve()),
  ],
  false,
  { out: console.log, err: console.error },
);
