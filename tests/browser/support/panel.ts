import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { build } from "vite";

const TYPES = new Map([
  [".css", "text/css"],
  [".html", "text/html"],
  [".js", "text/javascript"],
]);

/**
 * The developer's panel in a page of its own, at `/panel/panel.html` of the origin that serves its feed, which answers no other: in
 * front of that server stands the browser's own door.
 */
export async function buildPanel() {
  const outDir = await mkdtemp(join(tmpdir(), "developer-panel-"));
  const root = fileURLToPath(new URL(".", import.meta.url));
  const { NODE_ENV: before } = process.env;
  process.env["NODE_ENV"] = "production";
  await build({
    root,
    base: "/panel/",
    logLevel: "warn",
    configFile: false,
    build: { outDir, emptyOutDir: true, rollupOptions: { input: join(root, "panel.html") } },
  });
  process.env["NODE_ENV"] = before;
  return {
    async serve(page: Page, origin: string): Promise<void> {
      await page.route(`${origin}/panel/**`, async (route) => {
        const path = new URL(route.request().url()).pathname.slice("/panel/".length);
        const body = await readFile(join(outDir, path));
        await route.fulfill({ body, contentType: TYPES.get(extname(path)) ?? "" });
      });
    },
    remove: () => rm(outDir, { recursive: true }),
  };
}
