import * as z from "zod";

/** What Stripe is told of an event that is stored and acted upon. */
export const webhookResponse = z.object({ received: z.literal(true) });
export type WebhookResponse = z.infer<typeof webhookResponse>;
