import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCheckoutServer } from "@billingos/checkout/server";
import { build, preview } from "vite";
import type { TestProject } from "vitest/node";
import { projectRoot } from "../../../scripts/source/project-files.ts";
import { startStack } from "../../../stack/index.ts";
import { startReverseProxy } from "../../support/reverse-proxy.ts";
import { type ShopStack, shopStackOf } from "../../support/shop-stack.ts";
import { startTokenServer } from "./token-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly operator: {
      readonly stack: ShopStack;
      /** One JSON `LogLine` a line. */
      readonly logFile: string;
      /** Where the page is, of another origin than the stack. */
      readonly pageUrl: string;
    };
    readonly paymentSheet: {
      readonly pageUrl: string;
      /** Of the page: functions, Realtime and it are of three origins. */
      readonly config: Readonly<Record<string, string | boolean>>;
    };
  }
}

interface Served {
  readonly url: string;
  readonly outDir: string;
  close(): Promise<void>;
}

/** An example as it is built, its files served as by a static host. */
async function serveExample(name: string): Promise<Served> {
  const outDir = await mkdtemp(join(tmpdir(), `billingos-${name}-`));
  const root = join(projectRoot, "examples", name);
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
  const [url = ""] = server.resolvedUrls?.local ?? [];
  return {
    url,
    outDir,
    async close() {
      await server.close();
      await rm(outDir, { recursive: true });
    },
  };
}

/** A stack, and the examples as they are built for it and served. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = await startStack();
  const { apiUrl, functionsUrl, publishableKey, organizationKey } = stack.info;
  // Vite takes them from the environment before its files: https://vite.dev/guide/env-and-mode
  process.env["VITE_SUPABASE_URL"] = apiUrl;
  process.env["VITE_SUPABASE_PUBLISHABLE_KEY"] = publishableKey;
  const operator = await serveExample("operator");
  const sheet = await serveExample("payment-sheet");

  const functions = await startReverseProxy(apiUrl);
  const shop = createCheckoutServer({ functionsUrl, organizationKey });
  const tokens = await startTokenServer(async (externalUserId) =>
    (await shop.createSessionToken({ externalUserId })).sessionToken
  );
  const config = {
    functionsUrl: `${functions.url}/functions/v1`,
    supabaseUrl: apiUrl,
    supabasePublishableKey: publishableKey,
    sessionTokenUrl: tokens.url,
    testCards: true,
  };
  await writeFile(join(sheet.outDir, "config.json"), JSON.stringify(config));

  project.provide("operator", {
    stack: shopStackOf(stack),
    logFile: stack.logs.file,
    pageUrl: operator.url,
  });
  project.provide("paymentSheet", { pageUrl: sheet.url, config });
  return async () => {
    await Promise.all([operator.close(), sheet.close(), tokens.close(), functions.close()]);
    await stack.stop();
  };
}
