import { afterAll } from "vitest";
import { openGround } from "./ground.ts";
import { changeScenarios } from "./scenarios/changes.ts";
import { describeSeams } from "./seams.ts";
const ground = await openGround();
afterAll(() => ground.close());
await describeSeams(ground, changeScenarios);
