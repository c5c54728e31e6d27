import * as z from "zod";
import { decodeBase64Url } from "deno-std/encoding/base64url.js";
import { isOrigin } from "./origin.ts";

/** Names and values as the runtime gives them. */
export type EnvironmentRecord = Readonly<Record<string, string | undefined>>;

/**
 * A variable is wrong. Names the variable and the rule, never the value: what is malformed may still be most of a secret.
 */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}

/** The variables by what they are for: a function reads, and may read, the groups that it needs and no other. */
export const environmentGroups = {
  database: ["SUPABASE_URL", "SUPABASE_SECRET_KEYS"],
  stripe: ["STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "STRIPE_API_URL"],
  webhook: ["STRIPE_WEBHOOK_SECRETS"],
  tokens: ["CHECKOUT_TOKEN_KEYS"],
  digests: ["CHECKOUT_DIGEST_KEY"],
  browsers: ["CHECKOUT_ALLOWED_ORIGINS"],
  addresses: ["CHECKOUT_ADDRESS_HEADER"],
  telemetry: ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_SERVICE_NAME"],
} as const satisfies Record<string, readonly string[]>;

export type EnvironmentGroup = keyof typeof environmentGroups;
type EnvironmentName = (typeof environmentGroups)[EnvironmentGroup][number];

/** Every variable that the functions read; the table in docs/environment.md lists the same. */
export const environmentNames: readonly EnvironmentName[] = Object.values(environmentGroups).flat();

/** The record of a function's variables, read one by one, since a narrow permission forbids reading them all. */
export function environmentRecord(
  get: (name: string) => string | undefined,
  groups: readonly EnvironmentGroup[],
): EnvironmentRecord {
  const names = groups.flatMap((group) => environmentGroups[group]);
  return Object.fromEntries(names.map((name) => [name, get(name)]));
}

const httpUrl = z.url({ protocol: /^https?$/ });

const json = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue("is not JSON");
    return z.NEVER;
  }
});

/** One list of words, by comma; white space pasted with a secret is not part of it. */
const list = z.string().transform((text) => text.split(",").map((word) => word.trim()))
  .pipe(z.array(z.string().min(1, "is empty")));

const digestKey = z.string().trim().refine(isLongKey, "is not base64url of at least 32 bytes")
  .transform(decodeBase64Url);

const signingKey = z.object({
  kty: z.literal("oct"),
  kid: z.string().min(1).max(100),
  k: z.string().regex(/^[A-Za-z0-9_-]+$/).refine(
    isLongKey,
    "is not base64url of at least 32 bytes",
  ),
});

function isLongKey(text: string): boolean {
  try {
    return decodeBase64Url(text).length >= 32;
  } catch {
    return false;
  }
}

/** As a browser sends it: no path, no trailing slash, no default port. */

const secretKeys = json.pipe(z.object({ default: z.string().trim().min(1) }));
const tokenKeySet = json.pipe(z.object({
  keys: z.array(signingKey).min(1).refine(
    (keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length,
    "has two keys of one kid",
  ),
}));
const stripeSecretKey = z.string().trim().regex(/^(sk|rk)_(test|live)_\S+$/);
const stripePublishableKey = z.string().trim().regex(/^pk_(test|live)_\S+$/);
const stripeWebhookSecrets = list.pipe(z.array(z.string().regex(/^whsec_\S+$/)).min(1));
const origins = list.pipe(
  z.array(z.string().refine((text) => text === "*" || isOrigin(text), "is not an origin")),
);

/** One variable, checked; throws EnvironmentError. */
export function readVariable<Schema extends z.ZodType>(
  record: EnvironmentRecord,
  name: EnvironmentName,
  schema: Schema,
): z.output<Schema> {
  const result = schema.safeParse(record[name]);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const rule = record[name] === undefined ? "is not set" : issue?.message ?? "is not valid";
  // Which of several, since its value is not told.
  const position = issue?.path.find((step) => typeof step === "number");
  throw new EnvironmentError(
    `${name}: ${position === undefined ? "" : `entry ${position + 1} `}${rule}`,
  );
}

export interface DatabaseEnvironment {
  readonly url: string;
  readonly secretKey: string;
}

export function databaseEnvironment(record: EnvironmentRecord): DatabaseEnvironment {
  return {
    url: readVariable(record, "SUPABASE_URL", httpUrl),
    secretKey: readVariable(record, "SUPABASE_SECRET_KEYS", secretKeys).default,
  };
}

export interface StripeEnvironment {
  readonly secretKey: string;
  readonly publishableKey: string;
  readonly livemode: boolean;
  readonly apiUrl: string | undefined;
}

/** Refuses a live key beside a test key: half of every payment would be in the other mode. */
export function stripeEnvironment(record: EnvironmentRecord): StripeEnvironment {
  const secretKey = readVariable(record, "STRIPE_SECRET_KEY", stripeSecretKey);
  const publishableKey = readVariable(record, "STRIPE_PUBLISHABLE_KEY", stripePublishableKey);
  const livemode = /^.._live_/.test(secretKey);
  if (livemode !== /^.._live_/.test(publishableKey)) {
    throw new EnvironmentError(
      "STRIPE_PUBLISHABLE_KEY: is of the other mode than STRIPE_SECRET_KEY",
    );
  }
  return {
    secretKey,
    publishableKey,
    livemode,
    apiUrl: readVariable(record, "STRIPE_API_URL", httpUrl.optional()),
  };
}

/** Several secrets are alive while one is rotated, and for the platform's and the Connect endpoint. */
export function webhookSecrets(record: EnvironmentRecord): readonly string[] {
  return readVariable(record, "STRIPE_WEBHOOK_SECRETS", stripeWebhookSecrets);
}

export interface TokenKey {
  readonly kid: string;
  readonly k: string;
}

/** The first key signs; all verify, so that keys can be rotated. */
export function tokenKeys(record: EnvironmentRecord): readonly TokenKey[] {
  return readVariable(record, "CHECKOUT_TOKEN_KEYS", tokenKeySet).keys;
}

/** The HMAC key of every digest that the database holds. */
export function digestKeyBytes(record: EnvironmentRecord): Uint8Array<ArrayBuffer> {
  return readVariable(record, "CHECKOUT_DIGEST_KEY", digestKey);
}

/** Which pages may call from a browser; `*` only where it is written. */
export function allowedOrigins(record: EnvironmentRecord): readonly string[] {
  return readVariable(record, "CHECKOUT_ALLOWED_ORIGINS", origins);
}

/**
 * The header in which the gateway in front names the caller's address, undefined where none is known to be its own word.
 * Hosted projects stand behind Cloudflare, which sets `cf-connecting-ip` anew on every request; anywhere else a caller
 * could write that header itself, so that there nothing is trusted until it is named here.
 */
export function addressHeader(record: EnvironmentRecord): string | undefined {
  const named = readVariable(
    record,
    "CHECKOUT_ADDRESS_HEADER",
    z.string().regex(/^[a-z]+(-[a-z0-9]+)+$/).optional(),
  );
  const isHosted = /^https:\/\/[a-z0-9]+\.supabase\.co\/?$/.test(record["SUPABASE_URL"] ?? "");
  return named ?? (isHosted ? "cf-connecting-ip" : undefined);
}
