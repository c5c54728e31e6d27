import {
  addressHeader,
  allowedOrigins,
  digestKeyBytes,
  EnvironmentError,
  environmentGroups,
  type EnvironmentRecord,
  stripeEnvironment,
  tokenKeys,
  webhookSecrets,
} from "../../shared/runtime/environment.ts";
import { telemetryEnvironment } from "../../shared/runtime/telemetry-environment.ts";
import { UsageError } from "../usage-error.ts";
import { addressProblems, databaseProblems } from "./addresses.ts";

/** What a deploy is told, checked. */
export interface Settings {
  readonly ref: string;
  readonly accessToken: string;
  /** Another server that speaks the management API; undefined for Supabase's own. */
  readonly managementUrl: string | undefined;
  readonly databaseUrl: string;
  /** The project's origin. */
  readonly projectUrl: string;
  readonly livemode: boolean;
  /** Signing secrets of endpoints beside those that are made here. */
  readonly webhookSecrets: readonly string[];
  /** What the functions read and nobody but the operator knows, webhook secrets aside. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** What the functions are given in any case. */
const REQUIRED = [
  "STRIPE_SECRET_KEY",
  "STRIPE_PUBLISHABLE_KEY",
  "CHECKOUT_ALLOWED_ORIGINS",
  "CHECKOUT_DIGEST_KEY",
  "CHECKOUT_TOKEN_KEYS",
] as const;
/** And, where they are set, these. */
export const OPTIONAL = [
  "CHECKOUT_ADDRESS_HEADER",
  "STRIPE_API_URL",
  ...environmentGroups.telemetry,
] as const;

const random = `require("node:crypto").randomBytes(32).toString("base64url")`;

/** What to do about each setting, after what is wrong with it. */
const FIXES: Readonly<Record<string, string>> = {
  STRIPE_SECRET_KEY:
    "take the secret or a restricted key from https://dashboard.stripe.com/apikeys (sk_… or rk_…)",
  STRIPE_PUBLISHABLE_KEY:
    "take the publishable key of the same mode from https://dashboard.stripe.com/apikeys (pk_…)",
  STRIPE_WEBHOOK_SECRETS:
    "leave it out, or list the signing secrets of further endpoints (whsec_…,whsec_…)",
  STRIPE_API_URL: "leave it out",
  CHECKOUT_ALLOWED_ORIGINS:
    "list the origins of the pages that sell (https://app.example.com,https://www.example.com)",
  CHECKOUT_ADDRESS_HEADER: "leave it out, or name a header of your gateway in lower case",
  OTEL_EXPORTER_OTLP_ENDPOINT:
    "leave it out, or give the receiver's address (https://otlp.example.com)",
  OTEL_EXPORTER_OTLP_HEADERS:
    "leave it out, or list the receiver's headers (authorization=Bearer%20…), percent-encoded",
  OTEL_SERVICE_NAME: "leave it out, or give a short name",
  CHECKOUT_DIGEST_KEY: `make one: node -p '${random}'`,
  CHECKOUT_TOKEN_KEYS:
    `make one: node -p 'JSON.stringify({keys:[{kty:"oct",kid:new Date().toISOString().slice(0,10),k:${random}}]})'`,
};

/** A line that is there and says nothing, or what docs/deploy.md has for an example (sk_test_…), is a setting that is missing. */
const isSaid = (value: string | undefined) => value !== "" && !value?.includes("…");

/**
 * Reads the settings.
 *
 * @param ref what follows --project-ref
 * @throws UsageError that names every setting that is missing or malformed, a line each, with its fix and without its value
 */
export function readSettings(ref: string | undefined, env: EnvironmentRecord): Settings {
  const record = Object.fromEntries(Object.entries(env).filter(([, value]) => isSaid(value)));
  const problems: string[] = [];
  const isRef = ref !== undefined && /^[a-z]{20}$/.test(ref);
  if (!isRef) {
    problems.push(
      "--project-ref: takes the project's reference, twenty lower-case letters: " +
        "https://supabase.com/dashboard/project/<ref>",
    );
  }
  if (!/^sbp_\S+$/.test(record["SUPABASE_ACCESS_TOKEN"] ?? "")) {
    problems.push(
      `SUPABASE_ACCESS_TOKEN: ${
        record["SUPABASE_ACCESS_TOKEN"] === undefined ? "is not set" : "is not valid"
      }; make one at https://supabase.com/dashboard/account/tokens (sbp_…)`,
    );
  }
  const isPlatform = record["SUPABASE_API_URL"] === undefined;
  problems.push(...databaseProblems(record["DATABASE_URL"], isRef ? ref : undefined, isPlatform));
  problems.push(...addressProblems(record, isRef ? ref : undefined));
  problems.push(...functionProblems(record));
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
  const given = [...REQUIRED, ...OPTIONAL].flatMap((name) => {
    const value = record[name];
    return value === undefined ? [] : [[name, value.trim()] as const];
  });
  return {
    ref: ref ?? "",
    accessToken: record["SUPABASE_ACCESS_TOKEN"] ?? "",
    managementUrl: record["SUPABASE_API_URL"]?.replace(/\/$/, ""),
    databaseUrl: record["DATABASE_URL"] ?? "",
    projectUrl: new URL(record["SUPABASE_URL"] ?? `https://${ref ?? ""}.supabase.co`).origin,
    livemode: stripeEnvironment(record).livemode,
    webhookSecrets: record["STRIPE_WEBHOOK_SECRETS"] === undefined ? [] : webhookSecrets(record),
    secrets: Object.fromEntries(given),
  };
}

function functionProblems(record: EnvironmentRecord): string[] {
  const secret = record["STRIPE_SECRET_KEY"]?.trim();
  const publishable = record["STRIPE_PUBLISHABLE_KEY"]?.trim();
  // One of the pair stands in for the other, so that each is named for what is wrong with itself.
  const alone = stripeProblem({ ...record, STRIPE_PUBLISHABLE_KEY: secret?.replace(/^../, "pk") });
  const other = /^[sr]k_(test|live)_\S+$/.test(secret ?? "")
    ? secret
    : publishable?.replace(/^../, "sk");
  const beside = /^pk_(test|live)_\S+$/.test(publishable ?? "") || other !== undefined
    ? stripeProblem({ ...record, STRIPE_SECRET_KEY: other })
    : stripeProblem({ ...record, STRIPE_SECRET_KEY: "sk_test_none" });
  const checks: readonly (readonly [string, (given: EnvironmentRecord) => unknown])[] = [
    ["CHECKOUT_ALLOWED_ORIGINS", allowedOrigins],
    ["CHECKOUT_DIGEST_KEY", digestKeyBytes],
    ["CHECKOUT_TOKEN_KEYS", tokenKeys],
    ["CHECKOUT_ADDRESS_HEADER", addressHeader],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", telemetryEnvironment],
    ...(record["STRIPE_WEBHOOK_SECRETS"] === undefined
      ? []
      : [["STRIPE_WEBHOOK_SECRETS", webhookSecrets] as const]),
  ];
  const found = [alone, beside, ...checks.map(([, read]) => problemOf(() => read(record)))];
  return [...new Set(found.filter((problem) => problem !== undefined))].map((problem) => {
    const fix = FIXES[problem.slice(0, problem.indexOf(":"))];
    return fix === undefined ? problem : `${problem}; ${fix}`;
  });
}

const stripeProblem = (record: EnvironmentRecord) => problemOf(() => stripeEnvironment(record));

function problemOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
    throw error;
  }
}

/** Throws `UsageError` that names what is not of this machine. */
export function isLocalStack(record: EnvironmentRecord): void {
  const problems = Object.entries({
    DATABASE_URL: /^postgres(ql)?:\/\/[^@]*@(127\.0\.0\.1|localhost)[:/]/,
    SUPABASE_URL: /^http:\/\/(127\.0\.0\.1|localhost):\d+\/?$/,
  }).flatMap(([name, form]) =>
    form.test(record[name] ?? "") ? [] : [`${name}: is not a local stack's`]
  );
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
}
