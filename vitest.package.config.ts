import { defineConfig } from "vitest/config";
import { CHAI } from "./tests/support/vitest-settings.ts";

/** What is published, in apps that have installed it, apart from `npm test`: see `npm run test:package`. */
export default defineConfig({
  test: {
    chaiConfig: CHAI,
    include: ["packages/*/consumers/*.test.ts"],
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
