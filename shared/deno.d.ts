/** What compose/ takes from Deno's global, and telemetry/; the rest of the code is runtime-neutral. */
declare const Deno: {
  readonly env: { get(name: string): string | undefined };
  /** Not of an older Deno. */
  readonly telemetry?: {
    readonly contextManager: import("./telemetry/request-context.ts").ContextManager;
  };
};
