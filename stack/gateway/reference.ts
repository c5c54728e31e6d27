import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { referencePage } from "../../scripts/docs/reference/page.ts";
import { projectFolder } from "../migrate.ts";

/** `/reference`: docs/openapi.json as a page. It needs nothing from elsewhere, and runs no script. */
export async function answerReference(response: ServerResponse): Promise<void> {
  const file = await readFile(join(projectFolder, "docs", "openapi.json"), "utf8");
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
  });
  response.end(referencePage(JSON.parse(file)));
}
