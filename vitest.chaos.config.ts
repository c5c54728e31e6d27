import { defineConfig } from "vitest/config";
import { AT_ONCE, lanes } from "./tests/chaos/settings.ts";

const LANE = "tests/chaos/model.test.ts";
const options = {
  testTimeout: 600_000,
  hookTimeout: 90_000,
  maxWorkers: AT_ONCE,
  isolate: false,
};

/**
 * The long run, apart from `npm test`: see `npm run test:chaos`. Each file has a stack of its own, and so has each lane of the
 * random scenarios.
 */
export default defineConfig({
  test: {
    projects: [
      ...lanes.map((env, lane) => ({
        test: { ...options, name: `lane ${lane + 1}`, include: [LANE], env },
      })),
      {
        test: {
          ...options,
          name: "picked",
          include: ["tests/chaos/**/*.test.ts", "tests/crash/**/*.test.ts"],
          exclude: [LANE],
        },
      },
    ],
  },
});
