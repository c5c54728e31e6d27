// `npm run test:browser`: the pages of examples/ in a real Chromium, found at CHROMIUM or where Debian installs it. Arguments go to
// vitest. With TEST_REPORT=<file>, vitest's JSON report is written there as well.
import { accessSync, constants } from "node:fs";
import { reporters, run } from "./child.mjs";
import { ensureInstalled } from "./install.mjs";

const chromium = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

try {
  try {
    accessSync(chromium, constants.X_OK);
  } catch {
    throw new Error(
      `no Chromium at ${chromium}: apt-get install chromium, or say in CHROMIUM where it is`,
    );
  }
  await ensureInstalled();
  const config = ["run", "--config", "vitest.browser.config.ts"];
  const files = process.argv.slice(2);
  const outcome = await run("vitest", [...config, ...reporters(), ...files], {
    CHROMIUM: chromium,
  });
  if (outcome !== "ok") process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
