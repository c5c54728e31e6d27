import { afterAll } from "vitest";
import { openGround } from "./ground.ts";
import { scenariosOf } from "./scenarios/index.ts";
import { describeSeams } from "./seams.ts";

const ground = await openGround();
afterAll(() => ground.close());

await describeSeams(ground, scenariosOf("reconcile"));
