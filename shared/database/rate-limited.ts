import * as z from "zod/mini";

/** The answer to who asks too often; how long to wait, in seconds. */
export const rateLimited = z.object({
  outcome: z.literal("rate_limited"),
  retryAfter: z.int(),
});
