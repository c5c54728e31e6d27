import { randomBytes } from "node:crypto";
import type { StackKeys } from "./keys.ts";
import type { StripeAccount } from "./stripe-account.ts";

/** The secrets of this project's own, new for every start. */
export interface ProjectSecrets {
  /** HMAC key of every digest that the database holds. */
  readonly digestKey: Uint8Array<ArrayBuffer>;
  /** A JWK set; the first key signs session tokens. */
  readonly tokenKeys: string;
}

export function createSecrets(): ProjectSecrets {
  const signing = { kty: "oct", kid: "local", k: randomBytes(32).toString("base64url") };
  return {
    digestKey: new Uint8Array(randomBytes(32)),
    tokenKeys: JSON.stringify({ keys: [signing] }),
  };
}

/** What shared/runtime/environment.ts reads, as the platform and `supabase secrets set` would give it. */
export function functionsEnvironment(input: {
  readonly apiUrl: string;
  readonly keys: StackKeys;
  readonly secrets: ProjectSecrets;
  readonly stripe: StripeAccount;
  readonly webhookSecrets: readonly string[];
  readonly allowedOrigins: string;
}): Record<string, string> {
  const { apiUrl, keys, secrets, stripe } = input;
  return {
    SUPABASE_URL: apiUrl,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secretKey }),
    STRIPE_SECRET_KEY: stripe.secretKey,
    STRIPE_PUBLISHABLE_KEY: stripe.publishableKey,
    STRIPE_WEBHOOK_SECRETS: input.webhookSecrets.join(","),
    STRIPE_API_URL: stripe.url ?? "https://api.stripe.com",
    CHECKOUT_TOKEN_KEYS: secrets.tokenKeys,
    CHECKOUT_DIGEST_KEY: Buffer.from(secrets.digestKey).toString("base64url"),
    CHECKOUT_ALLOWED_ORIGINS: input.allowedOrigins,
    // What the stack's gateway sets anew.
    CHECKOUT_ADDRESS_HEADER: "x-forwarded-for",
  };
}
