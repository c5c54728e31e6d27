import * as z from "zod";

/**
 * What can go wrong, as an admin call orders it.
 * - `latency`: the answer waits `ms`, before the effect or (`phase: "after"`) after it.
 * - `rate_limit`: 429 before the effect, `error_before`: 500 before it, `cut_before`: the
 *   connection ends before it.
 * - `error_after`: 500 after the effect, saved under the idempotency key as Stripe saves it.
 * - `cut_after`: the connection ends after the effect; a retry with the key finds the saved answer.
 * - `webhook_*`: the delivery comes `copies` more times, `ms` late, never, after the next one, or
 *   before the API call that caused it returns.
 */
export const REQUEST_FAULTS = [
  "latency",
  "rate_limit",
  "error_before",
  "error_after",
  "cut_before",
  "cut_after",
  "webhook_early",
] as const;

export const DELIVERY_FAULTS = [
  "webhook_duplicate",
  "webhook_delay",
  "webhook_drop",
  "webhook_reorder",
] as const;

const FAULT = z.strictObject({
  kind: z.enum([...REQUEST_FAULTS, ...DELIVERY_FAULTS]),
  /** Request faults: the HTTP method; any when absent. */
  method: z.string().exactOptional(),
  /** Request faults: path with `*` for any one segment. */
  path: z.string().exactOptional(),
  /** Delivery faults: event type with a trailing `*`, such as `payment_intent.*`. */
  type: z.string().exactOptional(),
  /** How many of the first matches pass unharmed. */
  skip: z.int().nonnegative().exactOptional(),
  /** How often it strikes; null is without end. One when absent. */
  count: z.int().positive().nullable().exactOptional(),
  /** Chance that a match strikes, from the seeded generator. One when absent. */
  probability: z.number().min(0).max(1).exactOptional(),
  ms: z.number().nonnegative().exactOptional(),
  phase: z.enum(["before", "after"]).exactOptional(),
  copies: z.int().positive().exactOptional(),
});

export type FaultSpec = z.infer<typeof FAULT>;

/** Reads an admin call's fault; throws a `TypeError` that says what is wrong with it. */
export function readFault(value: unknown): FaultSpec {
  const read = FAULT.safeParse(value);
  if (read.success) return read.data;
  throw new TypeError(z.prettifyError(read.error));
}
