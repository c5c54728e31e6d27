// `npm run docs:llms`: writes llms.txt, which lists every document with its first sentences.
import { writeFile } from "node:fs/promises";
import { llmsText } from "./docs/llms.ts";

await writeFile(new URL("../llms.txt", import.meta.url), llmsText());
