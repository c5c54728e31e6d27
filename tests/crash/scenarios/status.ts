import type { Scenario } from "../seams.ts";
import { paidInBrowser } from "./parts.ts";

export const statusScenarios: readonly Scenario[] = [
  {
    name: "a look at a session that was paid in the browser",
    slug: "checkout-status",
    shop: "platform",
    prepare: async (scene) => {
      const session = await paidInBrowser(scene);
      await scene.passage.pass(60);
      return { act: () => scene.shop.status(session) };
    },
    ends: [["succeeded"]],
  },
];
