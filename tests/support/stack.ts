import { readFile } from "node:fs/promises";
import { inject } from "vitest";
import * as z from "zod";
import type { LogLine } from "../../stack/logs.ts";
import { claim, claimBelongings } from "./claims.ts";
import type { ProvidedStack } from "./stack.setup.ts";

/** The stacks that the projects `functions` and `e2e` share: one for each worker. */
export const stacks = (): readonly ProvidedStack[] => inject("stacks");

let mine: ProvidedStack | undefined;

export async function claimStack(): Promise<void> {
  mine ??= stacks()[await claim(inject("stackClaims"))];
}

/** This worker's. No two files are on it at a time. */
export function stack(): ProvidedStack {
  if (mine === undefined) throw new Error("there is no stack for this worker");
  return mine;
}

/** As stack.setup.ts made it: our own word, sent from one process of ours to another. */
const ours = z.custom<ProvidedStack>();
let second: Promise<ProvidedStack> | undefined;

/** This worker's second stack, started when it is first asked for; see clock-stack.ts. */
export function clockStack(): Promise<ProvidedStack> {
  return second ??= claimBelongings(inject("stackClaims")).then((given) => ours.parse(given));
}

/** Breaks or mends a part: `control("functions/checkout-create/kill")`; see control.ts. */
export async function control(action: string): Promise<void> {
  const response = await fetch(`${stack().controlUrl}/${action}`, { method: "POST" });
  if (response.status !== 204) {
    throw new Error(`${action}: ${response.status} ${await response.text()}`);
  }
}

const logLine = z.object({ at: z.string(), part: z.string(), line: z.string() });

/** What the parts of this worker's stack have written so far, oldest first; `since` is an ISO time. */
export async function logLines(part?: string, since = ""): Promise<LogLine[]> {
  return (await linesOf(stack().logFile))
    .filter((line) => line.at >= since && (part === undefined || line.part === part));
}

/** All lines of a stack's log, oldest first. */
export async function linesOf(logFile: string): Promise<LogLine[]> {
  const text = await readFile(logFile, "utf8");
  return text.split("\n").filter(Boolean).map((line) => logLine.parse(JSON.parse(line)));
}
