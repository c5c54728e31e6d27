import { CheckoutError } from "./errors.ts";

/** The cause's own words, for the log. */
export function causeText(error: unknown): string | undefined {
  const cause = error instanceof CheckoutError ? error.cause : error;
  if (cause === undefined) return undefined;
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : typeof cause;
}
