/** Where an entry comes from (a function's answer, Stripe, its webhooks, Realtime, a row), in the order in which the panel offers them. */
export const LANES = ["http", "stripe", "webhook", "realtime", "row"] as const;
export type Lane = (typeof LANES)[number];

/** One thing that happened to a session. */
export interface Entry {
  /** ISO 8601. */
  readonly at: string;
  readonly lane: Lane;
  /** The function, the table or the object that it is about. */
  readonly from: string;
  readonly what: string;
}

/** What happened to a session so far, as the embedded stack tells it. */
export interface Feed {
  /** Null while there is no such session. */
  readonly status: string | null;
  /** Oldest first. */
  readonly entries: readonly Entry[];
}

const isLane = (value: unknown): value is Lane => LANES.some((lane) => lane === value);

/** A message of the stack's developer's feed; undefined where it is none. */
export function feedOf(text: string): Feed | undefined {
  let told: unknown;
  try {
    told = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof told !== "object" || told === null || !("entries" in told)) return undefined;
  const { entries } = told;
  if (!Array.isArray(entries)) return undefined;
  const status = "status" in told && typeof told.status === "string" ? told.status : null;
  return { status, entries: entries.flatMap(entryOf) };
}

function entryOf(told: unknown): Entry[] {
  const {
    at = "",
    lane = "",
    from = "",
    what = "",
  }: { at?: unknown; lane?: unknown; from?: unknown; what?: unknown } =
    typeof told === "object" && told !== null ? told : {};
  return isLane(lane) ? [{ at: String(at), lane, from: String(from), what: String(what) }] : [];
}

/** Milliseconds as a person reads them after the first entry. */
export function sinceFirst(at: string, first: string): string {
  const milliseconds = Math.max(0, Date.parse(at) - Date.parse(first));
  if (!Number.isFinite(milliseconds)) return "";
  if (milliseconds < 1_000) return `+${milliseconds} ms`;
  const seconds = milliseconds / 1_000;
  if (seconds < 100) return `+${seconds.toFixed(2)} s`;
  return `+${Math.round(seconds / 60)} min`;
}
