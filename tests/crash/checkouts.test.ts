import { afterAll } from "vitest";
import { openGround } from "./ground.ts";
import { cancelScenarios } from "./scenarios/cancel.ts";
import { changeScenarios } from "./scenarios/changes.ts";
import { confirmScenarios } from "./scenarios/confirm.ts";
import { createScenarios } from "./scenarios/create.ts";
import { mismatchScenarios } from "./scenarios/mismatch.ts";
import { modeScenarios } from "./scenarios/modes.ts";
import { statusScenarios } from "./scenarios/status.ts";
import { describeSeams } from "./seams.ts";

const ground = await openGround();
afterAll(() => ground.close());

await describeSeams(ground, [
  ...createScenarios,
  ...confirmScenarios,
  ...modeScenarios,
  ...changeScenarios,
  ...mismatchScenarios,
  ...statusScenarios,
  ...cancelScenarios,
]);
