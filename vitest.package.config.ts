import { defineConfig } from "vitest/config";

/** What is published, in apps that have installed it, apart from `npm test`: see `npm run test:package`. */
export default defineConfig({
  test: {
    include: ["packages/*/consumers/*.test.ts"],
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
