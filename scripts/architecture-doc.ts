// `npm run docs:architecture`: draws the rooms and their imports into docs/architecture.md.
import { readFile, writeFile } from "node:fs/promises";
import { projectDrawing, withDrawing } from "./docs/architecture.ts";

const file = new URL("../docs/architecture.md", import.meta.url);
await writeFile(file, withDrawing(await readFile(file, "utf8"), projectDrawing()));
