import { afterAnswer } from "../runtime/after-answer.ts";
import { causeText } from "../runtime/cause.ts";
import { EnvironmentError, type EnvironmentRecord } from "../runtime/environment.ts";
import type { Logger } from "../runtime/log.ts";
import {
  type TelemetryEnvironment,
  telemetryEnvironment,
} from "../runtime/telemetry-environment.ts";
import type { AnsweredRequest } from "../telemetry/answered-request.ts";
import type { SendSpans } from "../telemetry/otlp.ts";

/**
 * Sends what a request and its calls took to where OTEL_EXPORTER_OTLP_ENDPOINT says, after its answer; undefined where that is not
 * set. What sends is loaded with the first request, so that a start does not wait for it. A setting that is malformed is told
 * and stops no payment.
 */
export function traceExport(
  slug: string,
  environment: EnvironmentRecord,
  log: Logger,
): ((request: AnsweredRequest) => void) | undefined {
  const settings = settingsOf(environment, log);
  if (settings === undefined) return undefined;
  let sender: Promise<(request: AnsweredRequest) => Promise<void>> | undefined;
  return (request) => {
    // Nothing to send: the caller does not record it.
    if (request.trace?.sampled === false) return;
    sender ??= loadSender(settings, slug, log);
    afterAnswer(
      sender.then((send) => send(request)).catch((error: unknown) => {
        log.warn("traces are not sent", { cause: causeText(error) });
      }),
    );
  };
}

function settingsOf(
  environment: EnvironmentRecord,
  log: Logger,
): TelemetryEnvironment | undefined {
  try {
    return telemetryEnvironment(environment);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    log.warn("traces are not sent", { cause: error.message });
    return undefined;
  }
}

async function loadSender(settings: TelemetryEnvironment, slug: string, log: Logger) {
  const { otlpSender } = await import("../telemetry/otlp.ts");
  const { openingSpanId, spansOf } = await import("../telemetry/spans.ts");
  const send: SendSpans = otlpSender(settings, slug, log);
  return async ({ session, ...request }: AnsweredRequest) => {
    const opening = session && { ...session, spanId: await openingSpanId(session) };
    return send(spansOf({ ...request, session: opening }));
  };
}
