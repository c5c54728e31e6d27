import { isOrigin } from "./origin.ts";
import {
  defaultKey,
  digestKey,
  type Form,
  httpUrl,
  list,
  type Refuse,
  secret,
  signingKeys,
  type TokenKey,
} from "./variable-forms.ts";

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

/**
 * One variable, checked; throws EnvironmentError. By hand and not by zod: every start of a function waits for this, and zod makes
 * more of each of these rules than a request ever asks of them.
 */
export function readVariable<Value>(
  record: EnvironmentRecord,
  name: EnvironmentName,
  form: Form<Value>,
): Value {
  const refuse: Refuse = (rule) => {
    throw new EnvironmentError(`${name}: ${rule}`);
  };
  const text = record[name];
  return text === undefined ? refuse("is not set") : form(text, refuse);
}

/** The same of one that may be left out. */
export const readOptional = <Value>(
  record: EnvironmentRecord,
  name: EnvironmentName,
  form: Form<Value>,
): Value | undefined => record[name] === undefined ? undefined : readVariable(record, name, form);

export interface DatabaseEnvironment {
  readonly url: string;
  readonly secretKey: string;
}

export function databaseEnvironment(record: EnvironmentRecord): DatabaseEnvironment {
  return {
    url: readVariable(record, "SUPABASE_URL", httpUrl),
    secretKey: readVariable(record, "SUPABASE_SECRET_KEYS", defaultKey),
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
  const secretKey = readVariable(record, "STRIPE_SECRET_KEY", secret(/^(sk|rk)_(test|live)_\S+$/));
  const publishableKey = readVariable(
    record,
    "STRIPE_PUBLISHABLE_KEY",
    secret(/^pk_(test|live)_\S+$/),
  );
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
    apiUrl: readOptional(record, "STRIPE_API_URL", httpUrl),
  };
}

/** Several secrets are alive while one is rotated, and for the platform's and the Connect endpoint. */
export function webhookSecrets(record: EnvironmentRecord): readonly string[] {
  return readVariable(
    record,
    "STRIPE_WEBHOOK_SECRETS",
    list("is no secret", (word) => /^whsec_\S+$/.test(word)),
  );
}

/** The first key signs; all verify, so that keys can be rotated. */
export function tokenKeys(record: EnvironmentRecord): readonly TokenKey[] {
  return readVariable(record, "CHECKOUT_TOKEN_KEYS", signingKeys);
}

/** The HMAC key of every digest that the database holds. */
export function digestKeyBytes(record: EnvironmentRecord): Uint8Array<ArrayBuffer> {
  return readVariable(record, "CHECKOUT_DIGEST_KEY", digestKey);
}

/** Which pages may call from a browser; `*` only where it is written. */
export function allowedOrigins(record: EnvironmentRecord): readonly string[] {
  return readVariable(
    record,
    "CHECKOUT_ALLOWED_ORIGINS",
    list("is not an origin", (word) => word === "*" || isOrigin(word)),
  );
}

/**
 * The header in which the gateway in front names the caller's address, undefined where none is known to be its own word.
 * Hosted projects stand behind Cloudflare, which sets `cf-connecting-ip` anew on every request; anywhere else a caller
 * could write that header itself, so that there nothing is trusted until it is named here.
 */
export function addressHeader(record: EnvironmentRecord): string | undefined {
  const named = readOptional(
    record,
    "CHECKOUT_ADDRESS_HEADER",
    (text, refuse) =>
      /^[a-z]+(-[a-z0-9]+)+$/.test(text) ? text : refuse("is no header in lower case"),
  );
  const isHosted = /^https:\/\/[a-z0-9]+\.supabase\.co\/?$/.test(record["SUPABASE_URL"] ?? "");
  return named ?? (isHosted ? "cf-connecting-ip" : undefined);
}
