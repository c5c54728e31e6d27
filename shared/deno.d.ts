/** https://open-telemetry.github.io/opentelemetry-js/interfaces/_opentelemetry_api._opentelemetry_api.ContextManager.html */
interface ContextManager {
  active(): OpenTelemetryContext;
  with<Result>(context: OpenTelemetryContext, work: () => Result): Result;
}

interface OpenTelemetryContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): OpenTelemetryContext;
}

/** What compose/ takes from Deno's global, and telemetry/; the rest of the code is runtime-neutral. */
declare const Deno: {
  readonly env: { get(name: string): string | undefined };
  /** Not of an older Deno. */
  readonly telemetry?: { readonly contextManager: ContextManager };
};
