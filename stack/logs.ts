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
  /** The newest lines, oldest first; at most 500 are kept. */
  tail(count: number): readonly LogLine[];
  close(): Promise<void>;
}

const KEPT = 500;

/** @param onLine is told each line as it comes */
export function openLogs(
  folder: RunFolder,
  onLine: (line: LogLine) => void = () => undefined,
): Logs {
  const file = join(folder.path, "stack.ndjson");
  const stream = createWriteStream(file, { flags: "a", mode: 0o600 });
  const lines: LogLine[] = [];
  return {
    file,
    add: (part, line) => {
      const entry = { at: new Date().toISOString(), part, line };
      lines.push(entry);
      if (lines.length > KEPT) lines.shift();
      stream.write(`${JSON.stringify(entry)}\n`);
      onLine(entry);
    },
    tail: (count) => lines.slice(-count),
    close: () => new Promise((resolve) => stream.end(resolve)),
  };
}
