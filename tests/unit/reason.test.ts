import { expect, it } from "vitest";
import { management } from "../../scripts/deploy/management.ts";
import { runSteps } from "../../scripts/deploy/step.ts";
import { command } from "../../scripts/operator.ts";
import { reasonOf } from "../../scripts/reason.ts";

/** Nobody listens there. */
const unreached = () =>
  management({
    ref: "abcdefghijklmnopqrst",
    accessToken: "sbp_one",
    managementUrl: "http://127.0.0.1:2",
    databaseUrl: "",
    projectUrl: "",
    livemode: false,
    webhookSecrets: [],
    secrets: {},
  }, "").projectState();

const REASON = "nobody was reached: connect ECONNREFUSED 127.0.0.1:2";

it("without a network a command says whom it has not reached", async () => {
  const said: string[] = [];
  const terminal = { argv: [], env: {}, out: String, err: (line: string) => said.push(line) };
  const run = command("usage", async () => {
    await unreached();
  });
  expect(await run(terminal)).toBe(1);
  expect(said).toEqual([REASON]);
});

it("and so does a step", async () => {
  const said: string[] = [];
  const step = {
    name: "functions",
    check: async () => [await unreached()],
    apply: () => Promise.resolve(),
  };
  await runSteps([step], false, { out: String, err: (line) => said.push(line) });
  expect(said[0]).toBe(`functions failed: ${REASON}`);
});

it("of several addresses each is named", () => {
  const error = new AggregateError([
    new Error("connect to ::1"),
    new Error("connect to 127.0.0.1"),
  ]);
  expect(reasonOf(error)).toBe("connect to ::1, connect to 127.0.0.1");
});
