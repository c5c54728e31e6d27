import * as z from "zod";
import { jsonOf } from "../scripts/json.ts";
import type { LogLine } from "./logs.ts";

/** What shared/runtime/log.ts writes; docs/operations.md describes it. */
const written = z.object({
  time: z.string(),
  level: z.enum(["info", "warn", "error"]),
  message: z.string(),
  function: z.string(),
  requestId: z.string().optional(),
}).catchall(z.union([z.string(), z.number(), z.boolean()]));

const request = z.object({
  message: z.literal("request"),
  method: z.string(),
  route: z.string(),
  status: z.number(),
  milliseconds: z.number(),
  databaseCalls: z.number(),
  databaseMilliseconds: z.number(),
  stripeCalls: z.number(),
  stripeMilliseconds: z.number(),
});
const event = z.object({
  message: z.literal("event"),
  stripeEventId: z.string(),
  type: z.string(),
  outcome: z.string(),
});

/** The first characters of a request's id are enough to see which lines belong together. */
const shortId = (requestId = "") => requestId.slice(0, 12).padEnd(12);

/**
 * A function's log line for a person: one line for each request, each event and each thing that a function had to say. Undefined
 * for what is none of these: what Postgres, PostgREST and Deno itself say.
 */
export function readable(line: LogLine): string | undefined {
  const told = toldOf(line);
  if (told === undefined) return undefined;
  const { time, requestId, function: slug, text } = told;
  return `${time.slice(11, 23)}  ${shortId(requestId)}  ${slug.padEnd(18)}  ${text}`;
}

/**
 * What a function had to say, in words; undefined as above.
 *
 * @param isShown which fields are named, of a line that is neither a request's nor an event's
 */
export function toldOf(
  { part, line }: LogLine,
  isShown: (field: string) => boolean = () => true,
):
  | { time: string; message: string; function: string; requestId?: string; text: string }
  | undefined {
  if (!part.startsWith("function:")) return undefined;
  const parsed = written.safeParse(jsonOf(line));
  if (!parsed.success) return undefined;
  const { time, level, message, function: slug, requestId, ...fields } = parsed.data;
  const shown = Object.fromEntries(Object.entries(fields).filter(([name]) => isShown(name)));
  return {
    time,
    message,
    function: slug,
    ...(requestId === undefined ? {} : { requestId }),
    text: textOf(level, message, shown),
  };
}

/** What a dependency had of a request's time; empty where it was not asked. */
const share = (name: string, calls: number, milliseconds: number): string =>
  calls === 0 ? "" : `${name} ${calls}× ${milliseconds} ms`;

function textOf(level: string, message: string, fields: Readonly<Record<string, unknown>>): string {
  const asRequest = request.safeParse({ message, ...fields });
  if (asRequest.success) {
    const { method, route, status, milliseconds, ...spent } = asRequest.data;
    const parts = [
      share("database", spent.databaseCalls, spent.databaseMilliseconds),
      share("Stripe", spent.stripeCalls, spent.stripeMilliseconds),
    ].filter(Boolean);
    const of = parts.length === 0 ? "" : ` (${parts.join(", ")})`;
    return `${method} ${route} ${status} in ${milliseconds} ms${of}`;
  }
  const asEvent = event.safeParse({ message, ...fields });
  if (asEvent.success) {
    const { type, stripeEventId, outcome } = asEvent.data;
    return `event ${type} ${stripeEventId} ${outcome}`;
  }
  const told = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`);
  const loud = level === "info" ? "" : `${level.toUpperCase()} `;
  return [`${loud}${message}`, ...told].join("  ");
}
