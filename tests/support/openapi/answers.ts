import { type Answer, faultsOf } from "./check.ts";

const found: string[] = [];

/** Looks at an answer; what is wrong with it is told when the test ends. */
export function lookAt(answer: Answer): void {
  found.push(...faultsOf(answer));
}

/** Throws with what is wrong with the answers since the last time. */
export function expectDescribed(): void {
  const faults = [...new Set(found.splice(0))];
  if (faults.length > 0) throw new Error(faults.join("\n"));
}

const FUNCTIONS = "/functions/v1";
const wrapped = new WeakSet<typeof fetch>();

/**
 * Lets each answer of a function that comes through `fetch` be looked at, whoever in this process asked: the client of the package, a
 * command, supabase-js or a test itself.
 */
export function lookAtAnswers(): void {
  // In a test with a page `fetch` is the page's, and happy-dom's answers cannot be read twice: whoever clones one empties it.
  if ("document" in globalThis) return;
  const asked = globalThis.fetch;
  if (wrapped.has(asked)) return;
  const looking: typeof fetch = async (input, init) => {
    const response = await asked(input, init);
    const { pathname, hostname } = new URL(input instanceof Request ? input.url : input);
    if (hostname !== "127.0.0.1" || !pathname.startsWith(`${FUNCTIONS}/`)) return response;
    const method = init?.method ?? (input instanceof Request ? input.method : "GET");
    // Whoever hung up has no answer to look at.
    const text = await response.clone().text().catch(() => undefined);
    if (text !== undefined) {
      const { status, headers } = response;
      const requestId = headers.get("x-request-id");
      lookAt({ method, pathname: pathname.slice(FUNCTIONS.length), status, requestId, text });
    }
    return response;
  };
  wrapped.add(looking);
  globalThis.fetch = looking;
}
