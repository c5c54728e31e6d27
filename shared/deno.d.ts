/** What compose/ takes from Deno's global, and telemetry/; the rest of the code is runtime-neutral. */
declare const Deno: {
  readonly env: { get(name: string): string | undefined };
  /** Not of an older Deno; `shared/telemetry/request-context.ts` says what it is. */
  readonly telemetry?: { readonly contextManager: DenoContextManager };
};

interface DenoContextManager {
  active(): DenoContext;
  with<Result>(context: DenoContext, work: () => Result): Result;
}

interface DenoContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): DenoContext;
}
