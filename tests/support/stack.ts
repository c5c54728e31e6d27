import { readFile } from "node:fs/promises";
import { inject } from "vitest";
import * as z from "zod";
import type { LogLine } from "../../stack/logs.ts";
import type { ProvidedStack } from "./stack.setup.ts";

/** The stack that the projects `functions` and `e2e` share. */
export const stack = (): ProvidedStack => inject("stack");

/** Breaks or mends a part: `control("functions/checkout-create/kill")`; see stack/control.ts. */
export async function control(action: string): Promise<void> {
  const response = await fetch(`${stack().controlUrl}/${action}`, { method: "POST" });
  if (response.status !== 204) {
    throw new Error(`${action}: ${response.status} ${await response.text()}`);
  }
}

const logLine = z.object({ at: z.string(), part: z.string(), line: z.string() });

/** What the parts have written so far, oldest first; `since` is an ISO time. */
export async function logLines(part?: string, since = ""): Promise<LogLine[]> {
  const text = await readFile(stack().logFile, "utf8");
  return text.split("\n").filter(Boolean)
    .map((line) => logLine.parse(JSON.parse(line)))
    .filter((line) => line.at >= since && (part === undefined || line.part === part));
}
