import * as z from "zod/mini";

/** The body of every answer that is not a success; docs/errors.md lists the codes. */
export const errorResponse = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    requestId: z.string(),
    details: z.optional(z.record(z.string(), z.unknown())),
  }),
});
export type ErrorResponse = z.infer<typeof errorResponse>;
