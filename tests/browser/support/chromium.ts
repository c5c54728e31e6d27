import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll } from "vitest";
import * as z from "zod";
import { projectRoot } from "../../../scripts/source/project-files.ts";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const SCREENSHOTS = join(projectRoot, "tests/browser/screenshots");
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const ANIMATIONS_END = `Promise.allSettled(
  document.getAnimations()
    .filter(({ effect, playState }) => playState === "running" && effect.getComputedTiming().endTime !== Infinity)
    .map(({ finished }) => finished),
).then(() => {})`;
const axeResults = z.object({
  passes: z.array(z.unknown()).min(1),
  violations: z.array(z.object({
    id: z.string(),
    nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })),
  })),
});

/** A page of its own, with nobody signed in, and what it has complained of so far. */
export interface Opened {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly complaints: string[];
}

/** How a page is seen; a desk's screen unless told. */
export interface Look {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly reducedMotion?: "reduce";
  /** Before the page is asked for. */
  readonly prepare?: (context: BrowserContext) => Promise<unknown>;
}

const DESK = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** One more page of somebody who has one. */
const openTab = async (context: BrowserContext, url: string): Promise<Opened> => {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(url);
  return { page, context, complaints };
};

/** The browser that CHROMIUM names, closed after the file. */
export async function openChromium() {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, headless: true, args: FLAGS });
  afterAll(() => browser.close());
  await mkdir(SCREENSHOTS, { recursive: true });

  return {
    openTab,

    async open(url: string, { prepare, ...look }: Look = {}): Promise<Opened> {
      const context = await browser.newContext({ viewport: DESK, ...look });
      await prepare?.(context);
      return openTab(context, url);
    },

    /**
     * What axe has against a page, light and dark: https://github.com/dequelabs/axe-core. A picture of each is kept.
     * What comes in comes to its end first; what turns for as long as it is shown does not.
     */
    async faults(page: Page, name: string): Promise<string[]> {
      const found: string[] = [];
      await page.evaluate(ANIMATIONS_END);
      await page.addScriptTag({ path: axe });
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        const { violations } = axeResults.parse(await page.evaluate("axe.run()"));
        await page.screenshot({
          path: join(SCREENSHOTS, `${name}-${colorScheme}.png`),
          fullPage: true,
        });
        found.push(
          ...violations.flatMap(({ id, nodes }) =>
            nodes.map(({ html, failureSummary }) =>
              `${colorScheme}: ${id}: ${html} ${failureSummary}`
            )
          ),
        );
      }
      return found;
    },
  };
}
