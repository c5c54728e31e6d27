import * as z from "zod/mini";

/** What Stripe is told of an event that is stored and acted upon. */
export const webhookResponse = z.object({ received: z.literal(true) });
export type WebhookResponse = z.infer<typeof webhookResponse>;
