import type { TelemetryEnvironment } from "../runtime/telemetry-environment.ts";
import type { Logger } from "../runtime/log.ts";
import { attributesOf, type Span } from "./spans.ts";
import { VERSION } from "./version.ts";

/** Milliseconds; a receiver that has not answered by then is taken for silent. */
const TIMEOUT = 5_000;
/** Spans that wait for the receiver; what comes beyond is lost, and told. */
const MAX_WAITING = 1_000;
/** Spans in one request. */
const MAX_BATCH = 500;

/** Takes spans to be sent; settles, and never fails, when nothing waits any more. */
export type SendSpans = (spans: readonly Span[]) => Promise<void>;

/**
 * Sends spans over OTLP/HTTP with JSON (https://opentelemetry.io/docs/specs/otlp/#otlphttp), one request at a time. What the
 * receiver does not take is lost and not sent again, unlike what the protocol recommends: an isolate may end at any instant, and
 * must not keep what it owes to nobody.
 *
 * @param slug of the function
 */
export function otlpSender(
  { url, headers, serviceName }: TelemetryEnvironment,
  slug: string,
  log: Logger,
): SendSpans {
  // https://opentelemetry.io/docs/specs/semconv/resource/ and .../resource/faas/
  const resource = {
    attributes: attributesOf({
      "service.name": serviceName,
      "service.version": VERSION,
      "faas.name": slug,
    }),
  };
  const scope = { name: "billingos-checkout", version: VERSION };
  const waiting: Span[] = [];
  let lost = 0;
  let isSilent = false;
  let sending: Promise<void> | undefined;

  const send = async (spans: readonly Span[]): Promise<void> => {
    const failure = await post(url, headers, {
      resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }],
    });
    if (failure !== undefined) {
      lost += spans.length;
      // Once, until it is heard again. Not the error's own text, which has the address, and that may have a key.
      if (!isSilent) log.warn("traces are not taken", { cause: failure });
      isSilent = true;
      return;
    }
    if (lost > 0) log.warn("traces were lost", { spans: lost });
    lost = 0;
    isSilent = false;
  };
  const sendAll = async (): Promise<void> => {
    while (waiting.length > 0) await send(waiting.splice(0, MAX_BATCH));
    sending = undefined;
  };
  return (spans) => {
    const taken = spans.slice(0, MAX_WAITING - waiting.length);
    lost += spans.length - taken.length;
    waiting.push(...taken);
    return sending ??= sendAll();
  };
}

/** Why the receiver did not take it; undefined where it did. */
async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(body),
      // Elsewhere the headers, which may hold a key, have no business.
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `status ${response.status}`;
  } catch (error) {
    return error instanceof Error ? error.name : typeof error;
  }
}
