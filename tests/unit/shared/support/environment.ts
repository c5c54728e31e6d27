import type { EnvironmentRecord } from "../../../../shared/runtime/environment.ts";

/** 32 bytes as base64url. */
export const KEY = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";
export const OTHER_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/** A deployment's variables, all well formed. */
export const environment: EnvironmentRecord = {
  SUPABASE_URL: "https://abcdefghijklmnop.supabase.co",
  SUPABASE_SECRET_KEYS: '{"default":"sb_secret_ServiceRoleOfThisProject"}',
  STRIPE_SECRET_KEY: "sk_test_51NvalidSecretKey",
  STRIPE_PUBLISHABLE_KEY: "pk_test_51NvalidPublishableKey",
  STRIPE_WEBHOOK_SECRETS: "whsec_platformEndpoint,whsec_connectEndpoint",
  STRIPE_API_URL: undefined,
  CHECKOUT_TOKEN_KEYS: JSON.stringify({ keys: [{ kty: "oct", kid: "2026-11", k: KEY }] }),
  CHECKOUT_DIGEST_KEY: KEY,
  CHECKOUT_ADDRESS_HEADER: undefined,
  OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
  OTEL_EXPORTER_OTLP_HEADERS: undefined,
  OTEL_SERVICE_NAME: undefined,
  CHECKOUT_ALLOWED_ORIGINS: "https://app.example.com,http://localhost:5173",
};

export const without = (name: string): EnvironmentRecord => ({ ...environment, [name]: undefined });
export const given = (name: string, value: string): EnvironmentRecord => ({
  ...environment,
  [name]: value,
});
