import Stripe from "stripe";
import type { Json } from "../database/database.types.ts";
import { CheckoutError } from "../errors.ts";

/** Seconds by which a signature may be old: https://docs.stripe.com/webhooks#replay-attacks */
const TOLERANCE = 300;

const provider = Stripe.createSubtleCryptoProvider();

/**
 * The event, once one of the secrets has signed these very bytes within five minutes; throws `signature_invalid`.
 * There is no way around it, in no mode.
 */
export async function verifyEvent(
  stripe: Stripe,
  body: Uint8Array,
  signature: string | null,
  secrets: readonly string[],
): Promise<Stripe.Event> {
  if (signature === null) throw new CheckoutError("signature_invalid");
  let cause: unknown;
  for (const secret of secrets) {
    try {
      return await stripe.webhooks.constructEventAsync(
        body,
        signature,
        secret,
        TOLERANCE,
        provider,
      );
    } catch (error) {
      cause = error;
    }
  }
  // The library's text quotes the header and the body; only its kind may be logged.
  throw new CheckoutError("signature_invalid", {
    cause: new Error(cause instanceof Error ? cause.constructor.name : "unknown"),
  });
}

/** Client secrets also stand inside the URLs by which a bank is reached. */
const clientSecretText = /[a-z]+_[A-Za-z0-9]+_secret_[A-Za-z0-9]+/g;

/** An event as it may be kept: without client secrets, at whatever depth they stand. */
export function withoutSecrets(value: unknown): Json {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => key !== "client_secret")
        .map(([key, part]) => [key, withoutSecrets(part)]),
    );
  }
  // Postgres stores neither half a surrogate pair nor NUL.
  if (typeof value === "string") {
    return value.replace(clientSecretText, "[removed]").replace(/[\0\p{Cs}]/gu, "\ufffd");
  }
  return typeof value === "number" || typeof value === "boolean" ? value : null;
}
