/** https://open-telemetry.github.io/opentelemetry-js/interfaces/_opentelemetry_api._opentelemetry_api.ContextManager.html */
interface ContextManager {
  active(): OpenTelemetryContext;
  with<Result>(context: OpenTelemetryContext, work: () => Result): Result;
}

interface OpenTelemetryContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): OpenTelemetryContext;
}

/** What belongs to a request, wherever its work has led to. */
export interface RequestContext<Value extends object> {
  run<Result>(value: Value, work: () => Result): Result;
  /** Undefined outside of any request. */
  current(): Value | undefined;
}

/** What a request awaits is known by the runtime alone. */
export async function requestContext<Value extends object>(): Promise<RequestContext<Value>> {
  const manager = typeof Deno === "undefined" ? undefined : Deno.telemetry?.contextManager;
  if (manager !== undefined) return ofOpenTelemetry(manager);
  // https://docs.deno.com/api/node/async_hooks/~/AsyncLocalStorage. Not first in Deno, which loads a large part of its Node for it.
  const { AsyncLocalStorage } = await import("node:async_hooks");
  const storage = new AsyncLocalStorage<Value>();
  return {
    run: (value, work) => storage.run(value, work),
    current: () => storage.getStore(),
  };
}

/**
 * Deno's own, which is there whether or not it sends traces (https://docs.deno.com/api/deno/~/Deno.telemetry.contextManager), in the form
 * that OpenTelemetry gives such values (https://opentelemetry.io/docs/specs/otel/context/).
 */
function ofOpenTelemetry<Value extends object>(manager: ContextManager): RequestContext<Value> {
  const key = Symbol("request");
  const given = new WeakSet<object>();
  const isGiven = (value: unknown): value is Value =>
    typeof value === "object" && value !== null && given.has(value);
  return {
    run(value, work) {
      given.add(value);
      return manager.with(manager.active().setValue(key, value), work);
    },
    current() {
      const value = manager.active().getValue(key);
      return isGiven(value) ? value : undefined;
    },
  };
}
