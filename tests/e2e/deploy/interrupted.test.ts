import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { expect, it, onTestFinished } from "vitest";
import { runSteps, type Step } from "../../../scripts/deploy/step.ts";
import { onDatabase } from "../../../scripts/operator.ts";
import { startPlatformDatabases } from "../../support/platform-databases.ts";

const step = (
  name: string,
  apply: Step["apply"],
  check = () => Promise.resolve(["work"]),
): Step => ({
  name,
  check,
  apply,
});
const nothing = () => Promise.resolve();

it("a run whose connection is lost while it works elsewhere stops at the next question, and says what is done", async () => {
  const server = await startPlatformDatabases();
  onTestFinished(() => server.stop());
  const url = await server.create();
  const said: string[] = [];
  const tell = (line: string) => said.push(line);
  const code = await onDatabase({ env: { DATABASE_URL: url } }, undefined, async (database) => {
    const { rows: [me] } = await database.query<{ pid: number }>("select pg_backend_pid() as pid");
    const lost = new Promise((resolve) => database.once("end", resolve));
    const lose = async () => {
      const other = new Client({ connectionString: url });
      await other.connect();
      await other.query("select pg_terminate_backend($1)", [me?.pid]);
      await other.end();
      await lost;
    };
    const ask = async () => {
      await database.query("select");
      return [];
    };
    const steps = [step("schema", nothing), step("functions", lose), step("cron", nothing, ask)];
    return runSteps(steps, false, { out: tell, err: tell });
  });
  expect(code).toBe(1);
  expect(said.join("\n")).toMatch(
    /^cron failed: .*\ndone: schema, functions\nnot done: cron\nrun the same command again/m,
  );
});

it.each([["SIGINT", 130], ["SIGTERM", 143]] as const)(
  "a run that %s ends says what is done and what is not",
  async (signal, code) => {
    const child = spawn(process.execPath, [
      "--import",
      "tsx",
      fileURLToPath(new URL("../../support/hanging-steps.ts", import.meta.url)),
    ], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, TSX_DISABLE_CACHE: "1" } });
    onTestFinished(() => void child.kill("SIGKILL"));
    const told = text(child.stderr);
    const ended = once(child, "exit");
    child.stdout.setEncoding("utf8");
    let out = "";
    for await (const chunk of child.stdout) {
      out += String(chunk);
      if (out.includes("functions: work")) break;
    }
    child.kill(signal);
    expect((await ended)[0]).toBe(code);
    expect(await told).toBe(
      `functions was interrupted by ${signal}, and may be half done\n` +
        "done: schema\nnot done: functions, cron\n" +
        "run the same command again when the cause is gone; what is done stays\n",
    );
  },
);
