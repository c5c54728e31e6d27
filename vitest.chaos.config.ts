import { defineConfig } from "vitest/config";
import { AT_ONCE, lanes } from "./tests/chaos/settings.ts";
import { CHAI } from "./tests/support/vitest-settings.ts";

/** The long run, apart from `npm test`: see `npm run test:chaos`. Each file has a stack of its own, four at a time. */
export default defineConfig({
  test: {
    chaiConfig: CHAI,
    include: [
      ...Array.from({ length: lanes }, (_, index) => `tests/chaos/lanes/${index + 1}.test.ts`),
      "tests/chaos/*.test.ts",
      "tests/crash/**/*.test.ts",
    ],
    testTimeout: 600_000,
    hookTimeout: 90_000,
    maxWorkers: AT_ONCE,
    isolate: false,
  },
});
