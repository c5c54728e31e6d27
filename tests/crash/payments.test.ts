import { afterAll } from "vitest";
import { openGround } from "./ground.ts";
import { confirmScenarios } from "./scenarios/confirm.ts";
import { createScenarios } from "./scenarios/create.ts";
import { mismatchScenarios } from "./scenarios/mismatch.ts";
import { statusScenarios } from "./scenarios/status.ts";
import { describeSeams } from "./seams.ts";

const ground = await openGround();
afterAll(() => ground.close());

await describeSeams(ground, [
  ...createScenarios,
  ...confirmScenarios,
  ...mismatchScenarios,
  ...statusScenarios,
]);
