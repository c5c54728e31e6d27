import { defineConfig } from "vitest/config";

const rules = "tests/unit/domain/**/*.test.ts";
const stripe = "tests/unit/shared/{checkout,stripe,sync}/**/*.test.ts";

/** The tests of what is mutated: the rules, or what is asked of Stripe. Those that read the sources would notice any mutant. */
export default defineConfig({
  test: {
    include: [process.env["MUTATED"] === "stripe" ? stripe : rules],
    setupFiles: "scripts/deno-globals.ts",
    testTimeout: 30_000,
    // Each mutant is a run of its own: what is loaded once for all files of it is most of its time.
    isolate: false,
  },
});
