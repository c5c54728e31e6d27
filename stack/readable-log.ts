import * as z from "zod";
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
export function readable({ part, line }: LogLine): string | undefined {
  if (!part.startsWith("function:")) return undefined;
  const parsed = written.safeParse(jsonOf(line));
  if (!parsed.success) return undefined;
  const { time, level, message, function: slug, requestId, ...fields } = parsed.data;
  const head = `${time.slice(11, 23)}  ${shortId(requestId)}  ${slug.padEnd(18)}`;
  return `${head}  ${textOf(level, message, fields)}`;
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

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
