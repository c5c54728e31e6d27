import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, preview } from "vite";
import type { TestProject } from "vitest/node";
import { projectRoot } from "../../../scripts/source/project-files.ts";
import { startStack } from "../../../stack/index.ts";
import { type ShopStack, shopStackOf } from "../../support/shop-stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly operator: {
      readonly stack: ShopStack;
      /** One JSON `LogLine` a line. */
      readonly logFile: string;
      /** Where the page is, of another origin than the stack. */
      readonly pageUrl: string;
    };
  }
}

/** A stack, and examples/operator as it is built for it and served. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = await startStack();
  const outDir = await mkdtemp(join(tmpdir(), "billingos-operator-"));
  const root = join(projectRoot, "examples/operator");
  // Vite takes them from the environment before its files: https://vite.dev/guide/env-and-mode
  process.env["VITE_SUPABASE_URL"] = stack.info.apiUrl;
  process.env["VITE_SUPABASE_PUBLISHABLE_KEY"] = stack.info.publishableKey;
  // React is built for tests where this says "test", as vitest has it; what is deployed is not.
  const { NODE_ENV: before } = process.env;
  process.env["NODE_ENV"] = "production";
  await build({ root, logLevel: "warn", build: { outDir, emptyOutDir: true } });
  process.env["NODE_ENV"] = before;
  const server = await preview({
    root,
    build: { outDir },
    preview: { host: "127.0.0.1", port: 0 },
  });
  const [pageUrl = ""] = server.resolvedUrls?.local ?? [];
  project.provide("operator", {
    stack: shopStackOf(stack),
    logFile: stack.logs.file,
    pageUrl,
  });
  return async () => {
    await server.close();
    await stack.stop();
    await rm(outDir, { recursive: true });
  };
}
