import { defineConfig } from "vitest/config";

/** The long run, apart from `npm test`: see `npm run test:chaos`. Each file has a stack of its own, three at a time. */
export default defineConfig({
  test: {
    include: ["tests/chaos/**/*.test.ts", "tests/crash/**/*.test.ts"],
    testTimeout: 600_000,
    hookTimeout: 90_000,
    maxWorkers: 3,
    isolate: false,
  },
});
