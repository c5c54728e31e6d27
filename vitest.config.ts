import { defineConfig } from "vitest/config";
import { CHAI, WORKERS } from "./tests/support/vitest-settings.ts";

const withStack = [
  "scripts/deno-globals.ts",
  "tests/support/claim-stack.setup.ts",
  "tests/support/stripe-contract.setup.ts",
  "tests/support/openapi.setup.ts",
];

const common = {
  chaiConfig: CHAI,
  maxWorkers: WORKERS,
  isolate: false,
  testTimeout: 240_000,
  hookTimeout: 240_000,
};

/**
 * One project a kind of test; see CONTRIBUTING.md for what belongs where. Projects run one after the
 * other, because those with a stack or a database of their own already use every core.
 *
 * A worker loads a module once and not once for each test file (`isolate: false`): no module of ours keeps what a test did.
 *
 * The timeouts end what hangs, and nothing else: on a busy machine everything takes several times as long. What a test
 * waits for it waits for as long as there is progress.
 */
export default defineConfig({
  test: {
    teardownTimeout: 60_000,
    projects: [
      {
        test: {
          ...common,
          name: "unit",
          include: ["tests/unit/**/*.test.ts", "packages/*/tests/**/*.test.ts"],
          setupFiles: "scripts/deno-globals.ts",
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Apart from the others: a worker ends where the next file in line has another environment.
        test: {
          ...common,
          name: "components",
          include: ["packages/*/tests/**/*.test.tsx"],
          environment: "happy-dom",
          setupFiles: ["scripts/deno-globals.ts", "packages/checkout/tests/components.setup.ts"],
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...common,
          name: "database",
          include: ["tests/database/**/*.test.ts"],
          globalSetup: "tests/support/database.setup.ts",
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...common,
          name: "functions",
          include: ["tests/functions/**/*.test.ts"],
          globalSetup: "tests/support/stack.setup.ts",
          setupFiles: withStack,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          ...common,
          name: "e2e",
          include: ["tests/e2e/**/*.test.{ts,tsx}"],
          exclude: ["tests/e2e/zz-hygiene.test.ts"],
          globalSetup: "tests/support/stack.setup.ts",
          setupFiles: withStack,
          sequence: { groupOrder: 4 },
        },
      },
      {
        // Last of all, on the same stack: it searches what the whole suite has left behind.
        test: {
          ...common,
          name: "hygiene",
          include: ["tests/e2e/zz-hygiene.test.ts"],
          globalSetup: "tests/support/stack.setup.ts",
          setupFiles: withStack,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});
