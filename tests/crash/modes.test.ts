import { afterAll } from "vitest";
import { openGround } from "./ground.ts";
import { cancelScenarios } from "./scenarios/cancel.ts";
import { changeScenarios } from "./scenarios/changes.ts";
import { modeScenarios } from "./scenarios/modes.ts";
import { describeSeams } from "./seams.ts";

const ground = await openGround();
afterAll(() => ground.close());

await describeSeams(ground, [...modeScenarios, ...changeScenarios, ...cancelScenarios]);
