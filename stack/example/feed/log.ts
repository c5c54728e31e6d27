import { linesNaming } from "../../../scripts/console/log-lines.ts";
import type { LogLine, Logs } from "../../logs.ts";
import { toldOf } from "../../readable-log.ts";
import type { FeedEntry } from "./entry.ts";

/** Fields that say only that a line is about this session, or which lines belong together. */
const BONDS = new Set(["sessionId", "sessionTraceId", "traceId", "requestId"]);

/** What the functions have written about a session, which has these names. No line holds a secret or a person's name (law 8). */
export async function logEntries(
  logs: Logs,
  names: ReadonlySet<string>,
  sessionId: string,
): Promise<FeedEntry[]> {
  const written = logs.tail(Infinity).filter(({ part }) => part.startsWith("function:"));
  const { lines } = await linesNaming(() => written.map(({ line }) => line), names, sessionId);
  const wanted = new Set(lines.map(({ raw }) => raw));
  return written.filter(({ line }) => wanted.has(line)).flatMap(entryOf);
}

function entryOf(line: LogLine): FeedEntry[] {
  const told = toldOf(line, (field) => !BONDS.has(field));
  // What became of an event says its row.
  if (told === undefined || told.message === "event") return [];
  return [{ at: new Date(told.time), lane: "http", from: told.function, what: told.text }];
}
