import { delay } from "deno-std/async/delay.js";
import { CheckoutError } from "./errors.ts";

/** How often to read again when others keep writing. */
const MAX_READS = 8;

/** Milliseconds to wait for before the second read at most; twice as long before each next one. */
const FIRST_WAIT = 25;

/**
 * Runs what reads Stripe and writes what it read, again while another writer came between: `stale`. Waits between, no two alike: those who
 * came at one instant would keep each other from writing.
 */
export async function readAgain<Outcome>(
  what: string,
  run: () => Promise<Outcome | "stale">,
): Promise<Outcome> {
  for (let reads = 0; reads < MAX_READS; reads += 1) {
    if (reads > 0) await delay(Math.random() * FIRST_WAIT * 2 ** (reads - 1));
    const outcome = await run();
    if (outcome !== "stale") return outcome;
  }
  throw new CheckoutError("database_unavailable", {
    cause: new Error(`${what} kept changing through ${MAX_READS} reads`),
  });
}
