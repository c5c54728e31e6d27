import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { listening } from "../../stack/process/listening.ts";

const attribute = z.strictObject({
  key: z.string().min(1),
  value: z.union([
    z.strictObject({ stringValue: z.string() }),
    z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
  ]),
});
const attributes = z.array(attribute).transform((all) =>
  Object.fromEntries(all.map(({ key, value }): [string, string | number] => [
    key,
    "stringValue" in value ? value.stringValue : Number(value.intValue),
  ]))
);
const traceId = z.string().regex(/^(?!0{32})[0-9a-f]{32}$/);
const spanId = z.string().regex(/^(?!0{16})[0-9a-f]{16}$/);
const unixNano = z.string().regex(/^\d{19}$/).transform(BigInt);

const span = z.strictObject({
  traceId,
  spanId,
  parentSpanId: spanId.optional(),
  name: z.string().min(1),
  // SPAN_KIND_SERVER and SPAN_KIND_CLIENT; names of enumerations are not allowed.
  kind: z.literal([2, 3]),
  startTimeUnixNano: unixNano,
  endTimeUnixNano: unixNano,
  attributes,
  links: z.array(z.strictObject({ traceId, spanId })).min(1).optional(),
  status: z.strictObject({ code: z.literal([1, 2]) }).optional(),
}).refine(
  ({ startTimeUnixNano: from, endTimeUnixNano: to }) => from <= to,
  "ends before it begins",
);

/** `ExportTraceServiceRequest` in JSON, so far as it is used (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). */
const exportRequest = z.strictObject({
  resourceSpans: z.array(z.strictObject({
    resource: z.strictObject({ attributes }),
    scopeSpans: z.array(z.strictObject({
      scope: z.strictObject({ name: z.string(), version: z.string() }),
      spans: z.array(span).min(1),
    })),
  })),
});

export interface ReceivedSpan extends z.output<typeof span> {
  readonly resource: Readonly<Record<string, string | number>>;
}

export type Behavior = "takes" | "refuses" | "is silent";

/** A receiver of traces as OTLP/HTTP says: what is not of its form is refused, and told by `problems`. */
export async function openReceiver() {
  const spans: ReceivedSpan[] = [];
  const bodies: string[] = [];
  const problems: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const held = new Set<ServerResponse>();
  const refusals: { status: number; headers?: Record<string, string> }[] = [];
  let behavior: Behavior = "takes";
  let most = 0;
  let open = 0;

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    open += 1;
    most = Math.max(most, open);
    response.once("close", () => {
      open -= 1;
    });
    const body = await text(request);
    bodies.push(body);
    headers.push(request.headers);
    if (behavior === "is silent") {
      held.add(response);
      return;
    }
    const refusal = behavior === "refuses" ? { status: 503 } : refusals.shift();
    if (refusal !== undefined) {
      response.writeHead(refusal.status, refusal.headers).end();
      return;
    }
    const call = `${request.method} ${request.url} ${request.headers["content-type"]}`;
    const parsed = exportRequest.safeParse(
      call === "POST /v1/traces application/json" ? JSON.parse(body) : call,
    );
    if (!parsed.success) {
      problems.push(`${call}: ${parsed.error.message}`);
      response.writeHead(400).end();
      return;
    }
    for (const { resource, scopeSpans } of parsed.data.resourceSpans) {
      for (const one of scopeSpans.flatMap((scope) => scope.spans)) {
        spans.push({ ...one, resource: resource.attributes });
      }
    }
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  };
  const server = createServer((request, response) => {
    void take(request, response);
  });
  const at = await listening(server);

  return {
    url: at.url,
    /** Whatever came, also what was refused. */
    bodies,
    headers,
    spans,
    problems,
    /** The most requests that were open at a time. */
    most: () => most,
    behave(as: Behavior): void {
      behavior = as;
      if (as === "is silent") return;
      for (const response of held) response.writeHead(200).end("{}");
      held.clear();
    },
    /** Before anything is taken again. */
    refuse(...next: typeof refusals): void {
      refusals.push(...next);
    },
    close: () => at.close(),
  };
}
