import { type EnvironmentRecord, readOptional, readVariable } from "./environment.ts";
import type { Form } from "./variable-forms.ts";

/** Where traces go, by the field's own variables (https://opentelemetry.io/docs/languages/sdk-configuration/otlp-exporter/). */
export interface TelemetryEnvironment {
  /** Of the receiver's traces: `<endpoint>/v1/traces`. */
  readonly url: string;
  /** With the receiver's key, if it asks for one. */
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
}

const endpoint: Form<string> = (text, refuse) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // `fetch` refuses an address that names a user.
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username + url.password !== "") {
    return refuse("is not an http address without a user's name");
  }
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/traces`;
  return url.href;
};

/** `name=value,name=value`, each value percent-encoded (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). */
const headers: Form<Readonly<Record<string, string>>> = (text, refuse) => {
  try {
    return Object.fromEntries(
      new Headers(
        text.split(",").filter((part) => part.trim() !== "").map((part): [string, string] => {
          const at = part.indexOf("=");
          if (at < 1) throw new TypeError("has no value");
          return [part.slice(0, at).trim(), decodeURIComponent(part.slice(at + 1).trim())];
        }),
      ),
    );
  } catch {
    return refuse("is not name=value,name=value");
  }
};

const serviceName: Form<string> = (text, refuse) =>
  text.length <= 255 ? text : refuse("is longer than 255 characters");

/** Undefined where no endpoint is set. A variable that is empty counts as not set, as OpenTelemetry says. */
export function telemetryEnvironment(
  record: EnvironmentRecord,
): TelemetryEnvironment | undefined {
  const set = Object.fromEntries(Object.entries(record).filter(([, value]) => value !== ""));
  if (set["OTEL_EXPORTER_OTLP_ENDPOINT"] === undefined) return undefined;
  return {
    url: readVariable(set, "OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
    headers: readOptional(set, "OTEL_EXPORTER_OTLP_HEADERS", headers) ?? {},
    serviceName: readOptional(set, "OTEL_SERVICE_NAME", serviceName) ?? "billingos-checkout",
  };
}
