import { delay } from "deno-std/async/delay.js";
import type { TelemetryEnvironment } from "../runtime/telemetry-environment.ts";
import type { Logger } from "../runtime/log.ts";
import { present } from "../runtime/present.ts";
import { attributesOf, type Span } from "./spans.ts";
import { VERSION } from "./version.ts";

/** Milliseconds; a receiver that has not answered by then is taken for silent. */
const TIMEOUT = 5_000;
/** Spans that wait for the receiver; what comes beyond is lost, and told. */
const MAX_WAITING = 1_000;
/** Spans in one request. */
const MAX_BATCH = 500;
/** How often one request is sent at most, to a receiver that was heard of before. */
const TRIES = 4;
/** Milliseconds of the first wait between two tries; each next one is twice as long. */
const FIRST_WAIT = 500;
/** Milliseconds that a receiver may ask to wait; spans wait no longer, since an isolate waits with them. */
const LONGEST_WAIT = 10_000;
/** "All other 4xx or 5xx response status codes MUST NOT be retried": https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Takes spans to be sent; settles, and never fails, when nothing waits any more. */
export type SendSpans = (spans: readonly Span[]) => Promise<void>;

/**
 * Sends spans over OTLP/HTTP with JSON (https://opentelemetry.io/docs/specs/otlp/#otlphttp), one request at a time. What passes is
 * tried again, as the protocol says, for some seconds: `Retry-After` is kept, else the waits grow and are no two alike. An isolate may end
 * at any instant and is not to be kept for a receiver that is gone, so while one is not heard each request is sent once.
 *
 * @param slug of the function
 * @param wait for so many milliseconds
 */
export function otlpSender(
  { url, headers, serviceName }: TelemetryEnvironment,
  slug: string,
  log: Logger,
  wait: (milliseconds: number) => Promise<void> = delay,
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
  /** By `performance.now()`; until then the receiver asked to be left alone. */
  let restsUntil = 0;
  let sending: Promise<void> | undefined;

  /** Why a request was not taken in the end. */
  const tried = async (body: unknown): Promise<Refusal | undefined> => {
    for (let tries = isSilent ? TRIES : 1;; tries += 1) {
      const refusal = await post(url, headers, body);
      if (refusal === undefined || !refusal.passes || tries >= TRIES) return refusal;
      const pause = refusal.after ?? FIRST_WAIT * 2 ** (tries - 1) * (0.5 + Math.random() / 2);
      if (pause > LONGEST_WAIT) return refusal;
      await wait(pause);
    }
  };
  const send = async (spans: readonly Span[]): Promise<void> => {
    const refusal = performance.now() < restsUntil
      ? { cause: "resting", passes: true }
      : await tried({ resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }] });
    if (refusal !== undefined) {
      lost += spans.length;
      if (refusal.after !== undefined) restsUntil = performance.now() + refusal.after;
      // Once, until it is heard again. Not the error's own text, which has the address, and that may have a key.
      if (!isSilent) log.warn("traces are not taken", { cause: refusal.cause });
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

/** Why the receiver did not take a request. */
interface Refusal {
  readonly cause: string;
  /** Whether the same request may be taken later. */
  readonly passes: boolean;
  /** Milliseconds that it asks to wait, where it says. */
  readonly after?: number;
}

/** Undefined where the receiver took it. */
async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): Promise<Refusal | undefined> {
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
    if (response.ok) return undefined;
    return {
      cause: `status ${response.status}`,
      passes: passing.has(response.status),
      ...present({ after: retryAfter(response) }),
    };
  } catch (error) {
    const cause = error instanceof Error ? error.name : typeof error;
    // Who was waited for in vain is not waited for again; a connection that did not come about, or broke, is tried again.
    return { cause, passes: cause !== "TimeoutError" };
  }
}

/** Milliseconds, of seconds or of a date (RFC 9110, 10.2.3). */
function retryAfter({ headers }: Response): number | undefined {
  const asked = headers.get("retry-after") ?? "";
  const milliseconds = /^\d+$/.test(asked) ? Number(asked) * 1_000 : Date.parse(asked) - Date.now();
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}
