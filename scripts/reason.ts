/**
 * What stopped a command, in words. `fetch` has none of its own for a call that reached nobody, and where each of a host's addresses
 * was tried in vain there are several.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.message === "") {
    return error.errors.map(reasonOf).join(", ");
  }
  const isEmpty = error.message === "fetch failed" && error.cause instanceof Error;
  return isEmpty ? `nobody was reached: ${reasonOf(error.cause)}` : error.message;
}
