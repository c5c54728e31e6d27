import { defineConfig } from "vitest/config";

/** Pages in a real browser, apart from `npm test`: see `npm run test:browser`. One stack, one file at a time. */
export default defineConfig({
  test: {
    include: ["tests/browser/**/*.test.ts"],
    globalSetup: "tests/browser/support/setup.ts",
    setupFiles: "tests/support/deno-globals.ts",
    testTimeout: 240_000,
    hookTimeout: 240_000,
    maxWorkers: 1,
    isolate: false,
  },
});
