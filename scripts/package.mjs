// `npm run test:package`: builds packages/checkout as it is published, packs it, and builds apps of a merchant from that. They
// install packages of their own, Next.js among them, and take a minute or two: no part of `npm test`.
import { reporters, run } from "./child.mjs";
import { ensureInstalled } from "./install.mjs";

try {
  await ensureInstalled();
  const config = ["run", "--config", "vitest.package.config.ts"];
  const outcome = await run("vitest", [...config, ...reporters(), ...process.argv.slice(2)]);
  if (outcome !== "ok") process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
