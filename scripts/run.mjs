// `node scripts/run.mjs <file.ts> [arguments]`: installs what is missing, then runs a TypeScript file
// of this project in this same process, so that signals need no passing on.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureInstalled, root } from "./install.mjs";

const file = process.argv[2];
if (file === undefined) throw new Error("usage: node scripts/run.mjs <file.ts> [arguments]");

try {
  await ensureInstalled();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
process.argv.splice(1, 2, resolve(root, file));
// The compiler would keep its cache in the temporary folder, where a stack leaves nothing behind.
process.env["TSX_DISABLE_CACHE"] = "1";
const { register } = await import("tsx/esm/api");
register();
// What the functions' own modules expect of Deno.
await import("./deno-globals.ts");
await import(pathToFileURL(resolve(root, file)).href);
