import { defineConfig } from "vitest/config";

/** One project a kind of test; see CONTRIBUTING.md for what belongs where. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["tests/unit/**/*.test.ts"] } },
    ],
  },
});
