// `npm run docs:openapi`: plays every call on a stack of its own, and writes docs/openapi.json from the contract and what was answered.
// With --schemas it takes the answers of the last run, and starts nothing.
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { startStack } from "./index.ts";
import { openapiText } from "../scripts/docs/openapi/document.ts";
import { readRecorded, RECORDED } from "../scripts/docs/openapi/recorded.ts";
import { recordedRun } from "../scripts/docs/openapi/run.ts";
import { projectRoot } from "../scripts/source/project-files.ts";

const { values } = parseArgs({ options: { schemas: { type: "boolean", default: false } } });
if (!values.schemas) {
  const stack = await startStack();
  try {
    const recorded = await recordedRun(stack.info);
    await writeFile(projectRoot + RECORDED, `${JSON.stringify(recorded, null, 2)}\n`);
  } finally {
    await stack.stop();
  }
}
await writeFile(`${projectRoot}docs/openapi.json`, openapiText(readRecorded()));
