import { defineConfig } from "vitest/config";

/** The tests of the rules and of what uses them. Those that read the project's sources would notice any mutant as such. */
export default defineConfig({
  test: {
    include: ["tests/unit/domain/**/*.test.ts", "tests/unit/shared/**/*.test.ts"],
    setupFiles: "tests/support/deno-globals.ts",
    testTimeout: 30_000,
  },
});
