/** The platform's, which plain Deno and Node have not (https://supabase.com/docs/guides/functions/background-tasks). */
declare const EdgeRuntime: { waitUntil(work: Promise<unknown>): void } | undefined;

/** Whether the platform lets work go on after the answer, for as long as a request may take. */
export const mayWorkAfterAnswer = (): boolean => typeof EdgeRuntime !== "undefined";

/** The platform may end an isolate once it has answered, unless it is told to wait. The work must not reject. */
export function afterAnswer(work: Promise<void>): void {
  if (typeof EdgeRuntime === "undefined") void work;
  else EdgeRuntime.waitUntil(work);
}
