import { CheckoutError } from "./errors.ts";

/** How often to read again when others keep writing. */
const MAX_READS = 8;

/** Runs what reads Stripe and writes what it read, again while another writer came between: `stale`. */
export async function readAgain<Outcome>(
  what: string,
  run: () => Promise<Outcome | "stale">,
): Promise<Outcome> {
  for (let reads = 0; reads < MAX_READS; reads += 1) {
    const outcome = await run();
    if (outcome !== "stale") return outcome;
  }
  throw new CheckoutError("database_unavailable", {
    cause: new Error(`${what} kept changing through ${MAX_READS} reads`),
  });
}
