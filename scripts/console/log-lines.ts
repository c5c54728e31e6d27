import { jsonOf } from "../json.ts";
import type { Entry } from "./timeline.ts";

/** What every line of a function has; docs/operations.md#logs. */
interface Line {
  readonly raw: string;
  readonly at: Date;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Which lines belong together: those of one request, of one trace, of one session's trace. */
const BONDS = ["requestId", "traceId", "sessionTraceId"] as const;
/** Shown in front of the others, or not at all. */
const OWN = new Set(["time", "level", "message", "function"]);

/** The line as JSON with a time; undefined where it is none of a function. */
export function lineOf(raw: string): Line | undefined {
  const parsed = jsonOf(raw);
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const fields = Object.fromEntries(Object.entries(parsed));
  const at = new Date(typeof fields["time"] === "string" ? fields["time"] : NaN);
  return Number.isNaN(at.getTime()) ? undefined : { raw, at, fields };
}

const text = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value) ?? "";

function entryOf({ at, fields }: Line): Entry {
  const told = Object.entries(fields).filter(([name]) => !OWN.has(name))
    .map(([name, value]) => `${name}=${text(value)}`);
  const head = [fields["level"], fields["function"], fields["message"]].map(text).join(" ");
  return { at, source: "log", what: [head, ...told].join(" ") };
}

/**
 * The lines about one session among those that `lines` gives: each that has one of its names (the session's id, Stripe's ids) in a
 * field, and each of the same request or trace, unless it names another session. Read twice, and never held as a whole. A run of
 * reconcile is one request about many sessions: of it only the lines that have a name.
 *
 * @returns the lines, and how many others were no line of a function
 */
export async function linesNaming(
  lines: () => AsyncIterable<string> | Iterable<string>,
  names: ReadonlySet<string>,
  sessionId: string,
): Promise<{ lines: Line[]; unreadable: number }> {
  const isNamed = ({ fields }: Line) =>
    Object.values(fields).some((value) => typeof value === "string" && names.has(value));
  const bonds = new Set<string>();
  let unreadable = 0;
  for await (const raw of lines()) {
    const line = lineOf(raw);
    if (line === undefined) unreadable += raw.trim() === "" ? 0 : 1;
    else if (isNamed(line) && line.fields["function"] !== "checkout-reconcile") {
      for (const bond of BONDS) {
        const value = line.fields[bond];
        if (typeof value === "string" && value !== "") bonds.add(`${bond} ${value}`);
      }
    }
  }
  const found: Line[] = [];
  for await (const raw of lines()) {
    const line = lineOf(raw);
    if (line === undefined) continue;
    const { sessionId: other = sessionId } = line.fields;
    const isBound = other === sessionId &&
      BONDS.some((bond) => bonds.has(`${bond} ${text(line.fields[bond])}`));
    if (isNamed(line) || isBound) found.push(line);
  }
  return { lines: found, unreadable };
}

/** Those lines as entries of a timeline; see linesNaming. */
export async function linesAbout(
  ...asked: Parameters<typeof linesNaming>
): Promise<{ entries: Entry[]; unreadable: number }> {
  const { lines, unreadable } = await linesNaming(...asked);
  return { entries: lines.map(entryOf), unreadable };
}
