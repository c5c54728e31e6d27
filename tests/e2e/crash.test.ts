import { afterAll } from "vitest";
import { openGround } from "../crash/ground.ts";
import { goodCard } from "../crash/scenarios/confirm.ts";
import { describeSeams } from "../crash/seams.ts";

// The main road alone; all the others are run by `npm run test:chaos`.
const ground = await openGround();
afterAll(() => ground.close());

await describeSeams(ground, [goodCard("platform")]);
