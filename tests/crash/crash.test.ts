import { afterAll } from "vitest";
import { openGround } from "./ground.ts";
import { repairs } from "./repairs.ts";
import { calls, goodCard, webhooks } from "./scenarios.ts";
import { describeSeams } from "./seams.ts";

const ground = await openGround();
afterAll(() => ground.close());

await describeSeams(ground, [
  goodCard("platform"),
  goodCard("connected"),
  ...calls,
  ...webhooks,
  ...repairs,
]);
