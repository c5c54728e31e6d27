import { createWriteStream } from "node:fs";
import { join } from "node:path";
import type { RunFolder } from "./process/run-folder.ts";

/** One line that a part wrote. */
export interface LogLine {
  /** ISO 8601. */
  readonly at: string;
  /** `postgres`, `postgrest`, or `function:<slug>`. */
  readonly part: string;
  readonly line: string;
}

/** What the parts write to their standard output and error, in one place. */
export interface Logs {
  /** A file with one JSON `LogLine` a line, written as they come; it goes when the stack stops. */
  readonly file: string;
  add(part: string, line: string): void;
  /** The newest lines, oldest first; at least 5,000 are kept. */
  tail(count: number): readonly LogLine[];
  /** Calls with each line from now on, until what it answers is called. */
  watch(look: (line: LogLine) => void): () => void;
  close(): Promise<void>;
}

const KEPT = 5_000;

/** @param onLine is told each line as it comes */
export function openLogs(
  folder: RunFolder,
  onLine: (line: LogLine) => void = () => undefined,
): Logs {
  const file = join(folder.path, "stack.ndjson");
  const stream = createWriteStream(file, { flags: "a", mode: 0o600 });
  let lines: LogLine[] = [];
  const watching = new Set([onLine]);
  return {
    file,
    add: (part, line) => {
      const entry = { at: new Date().toISOString(), part, line };
      lines.push(entry);
      // Cutting in bulk keeps each addition cheap.
      if (lines.length > KEPT * 1.2) lines = lines.slice(-KEPT);
      stream.write(`${JSON.stringify(entry)}\n`);
      for (const look of watching) look(entry);
    },
    tail: (count) => lines.slice(-count),
    watch: (look) => {
      watching.add(look);
      return () => watching.delete(look);
    },
    close: () => new Promise((resolve) => stream.end(resolve)),
  };
}
