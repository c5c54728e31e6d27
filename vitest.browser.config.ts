import { defineConfig } from "vitest/config";
import { CHAI } from "./tests/support/vitest-settings.ts";

/**
 * Pages in a real browser, apart from `npm test`: see `npm run test:browser`. One stack, and a browser for each worker: a page waits
 * more than it works.
 */
export default defineConfig({
  test: {
    chaiConfig: CHAI,
    include: ["tests/browser/**/*.test.ts"],
    globalSetup: "tests/browser/support/setup.ts",
    setupFiles: "scripts/deno-globals.ts",
    testTimeout: 240_000,
    hookTimeout: 240_000,
    maxWorkers: 2,
    isolate: false,
  },
});
