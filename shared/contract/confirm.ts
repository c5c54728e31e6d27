import * as z from "zod/mini";
import { uuid, webUrl } from "./primitives.ts";

/** A Stripe client secret: the intent's id and a random tail. */
export const clientSecret = z.string().check(
  z.maxLength(200),
  z.regex(/^(pi|seti)_[A-Za-z0-9]+_secret_[A-Za-z0-9]+$/),
);

export const confirmRequest = z.object({
  paymentMethodId: z.string().check(z.maxLength(200), z.regex(/^pm_[A-Za-z0-9_]+$/)),
  /** Where the bank sends the customer back to, should it want to see them. */
  returnUrl: z.optional(webUrl),
});
export type ConfirmRequest = z.infer<typeof confirmRequest>;

/** The same, with the secret in the body, so that it stands in no URL. */
export const confirmWithSecretRequest = z.extend(confirmRequest, { clientSecret });
export type ConfirmWithSecretRequest = z.infer<typeof confirmWithSecretRequest>;

/** Where nothing is due there is no secret: the owner's session token is the proof. */
export const confirmFreeRequest = z.object({ sessionId: uuid });
export type ConfirmFreeRequest = z.infer<typeof confirmFreeRequest>;

export const confirmResponse = z.object({
  success: z.boolean(),
  /** The subscription's status where there is one, else the session's. */
  status: z.string(),
  requiresAction: z.boolean(),
  actionUrl: z.optional(z.string()),
  nextAction: z.optional(z.object({ type: z.string(), redirectToUrl: z.optional(z.string()) })),
  subscriptionId: z.optional(uuid),
  /** Fit for the customer. */
  message: z.string(),
});
export type ConfirmResponse = z.infer<typeof confirmResponse>;
