import { afterAll } from "vitest";
import { openGround } from "./ground.ts";
import { surplusScenarios } from "./scenarios/mismatch.ts";
import { reconcileScenarios } from "./scenarios/reconcile.ts";
import { webhookScenarios } from "./scenarios/webhook.ts";
import { describeSeams } from "./seams.ts";

const ground = await openGround();
afterAll(() => ground.close());

await describeSeams(ground, [...webhookScenarios, ...surplusScenarios, ...reconcileScenarios]);
