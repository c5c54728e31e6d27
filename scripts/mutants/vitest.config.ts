import { defineConfig } from "vitest/config";

/** The tests of the rules. Those that read the sources would notice any mutant as such. */
export default defineConfig({
  test: {
    include: ["tests/unit/domain/**/*.test.ts"],
    setupFiles: "tests/support/deno-globals.ts",
    testTimeout: 30_000,
  },
});
