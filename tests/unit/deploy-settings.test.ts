import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { isLocalStack, readSettings } from "../../scripts/deploy/settings.ts";
import { UsageError } from "../../scripts/usage-error.ts";

const REF = "abcdefghijklmnopqrst";
const random = () => randomBytes(32).toString("base64url");
const GOOD: Record<string, string> = {
  SUPABASE_ACCESS_TOKEN: `sbp_${"0".repeat(40)}`,
  DATABASE_URL:
    `postgresql://postgres.${REF}:password@aws-0-eu-west-1.pooler.supabase.com:5432/postgres`,
  STRIPE_SECRET_KEY: "sk_test_one",
  STRIPE_PUBLISHABLE_KEY: "pk_test_one",
  CHECKOUT_ALLOWED_ORIGINS: "https://app.example.com",
  CHECKOUT_DIGEST_KEY: random(),
  CHECKOUT_TOKEN_KEYS: JSON.stringify({ keys: [{ kty: "oct", kid: "1", k: random() }] }),
};

function problems(ref: string | undefined, env: Record<string, string>): string[] {
  try {
    readSettings(ref, env);
    return [];
  } catch (error) {
    if (error instanceof UsageError) return error.message.split("\n");
    throw error;
  }
}

it("takes good settings, the direct address and the pooler's, and asks for no webhook secret", () => {
  expect(problems(REF, GOOD)).toEqual([]);
  expect(
    problems(REF, {
      ...GOOD,
      DATABASE_URL: `postgresql://postgres:password@db.${REF}.supabase.co:5432/postgres`,
    }),
  ).toEqual([]);
  expect(readSettings(REF, GOOD)).toMatchObject({
    projectUrl: `https://${REF}.supabase.co`,
    livemode: false,
    webhookSecrets: [],
  });
});

it("takes what the guide has for an example for no setting", () => {
  const asInTheGuide = {
    SUPABASE_ACCESS_TOKEN: "sbp_…",
    DATABASE_URL: `postgresql://postgres.${REF}:password@….pooler.supabase.com:5432/postgres`,
    STRIPE_SECRET_KEY: "sk_test_…",
    STRIPE_PUBLISHABLE_KEY: "pk_test_…",
  };
  const named = problems(REF, { ...GOOD, ...asInTheGuide }).map((line) => line.split(";")[0]);
  expect(new Set(named)).toEqual(
    new Set(Object.keys(asInTheGuide).map((name) => `${name}: is not set`)),
  );
});

it("hands the functions where their traces go, where that is set", () => {
  const traces = {
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://otlp.example.com",
    OTEL_EXPORTER_OTLP_HEADERS: "x-api-key=k",
    OTEL_SERVICE_NAME: "shop",
  };
  expect(readSettings(REF, { ...GOOD, ...traces }).secrets).toMatchObject(traces);
  expect(Object.keys(readSettings(REF, GOOD).secrets).join()).not.toContain("OTEL");
});

it.each([
  [`https://${REF}.supabase.co/`, `https://${REF}.supabase.co`],
  ["https://billing.example.com", "https://billing.example.com"],
  ["http://127.0.0.1:54321", "http://127.0.0.1:54321"],
])("takes %s for the project's address", (given, origin) => {
  expect(readSettings(REF, { ...GOOD, SUPABASE_URL: given }).projectUrl).toBe(origin);
});

it("names every setting that is missing at once, each with its fix", () => {
  const told = problems(undefined, {});
  expect(told.map((line) => line.slice(0, line.indexOf(":"))).toSorted()).toEqual(
    ["--project-ref", ...Object.keys(GOOD)].toSorted(),
  );
  for (const line of told.slice(1)) expect(line).toMatch(/^[A-Z_]+: is not set; \S+ \S+/);
});

it("takes an empty line for a setting that is missing", () => {
  const empty = Object.fromEntries(Object.keys(GOOD).map((name) => [name, ""]));
  expect(problems(REF, empty)).toHaveLength(Object.keys(GOOD).length);
});

it.each([
  ["--project-ref", "a reference that is an address", `https://${REF}.supabase.co`, {}],
  ["--project-ref", "an option behind it", "--dry-run", {}],
  ["SUPABASE_ACCESS_TOKEN", "a project's key", REF, { SUPABASE_ACCESS_TOKEN: "sb_secret_hunter2" }],
  ["DATABASE_URL", "another project's database", REF, {
    DATABASE_URL:
      "postgresql://postgres.zzzzzzzzzzzzzzzzzzzz:hunter2@aws-0-eu-west-1.pooler.supabase.com:5432/postgres",
  }],
  ["DATABASE_URL", "the database of a stack on this machine", REF, {
    DATABASE_URL: "postgresql://postgres:hunter2@127.0.0.1:54322/postgres",
  }],
  ["DATABASE_URL", "the same by its name", REF, {
    DATABASE_URL: "postgresql://postgres:hunter2@localhost:54322/postgres",
  }],
  ["DATABASE_URL", "a database in plain text", REF, {
    DATABASE_URL: `postgresql://postgres:hunter2@db.${REF}.supabase.co/postgres?sslmode=disable`,
  }],
  ["STRIPE_SECRET_KEY", "the two Stripe keys in each other's place", REF, {
    STRIPE_SECRET_KEY: "pk_test_hunter2",
  }],
  ["STRIPE_PUBLISHABLE_KEY", "a secret key to hand to browsers", REF, {
    STRIPE_PUBLISHABLE_KEY: "sk_test_hunter2",
  }],
  ["STRIPE_PUBLISHABLE_KEY", "a live key beside a test key", REF, {
    STRIPE_PUBLISHABLE_KEY: "pk_live_hunter2",
  }],
  ["STRIPE_WEBHOOK_SECRETS", "a webhook's id for its secret", REF, {
    STRIPE_WEBHOOK_SECRETS: "we_hunter2",
  }],
  ["CHECKOUT_ALLOWED_ORIGINS", "a page for an origin", REF, {
    CHECKOUT_ALLOWED_ORIGINS: "https://app.example.com/hunter2",
  }],
  ["CHECKOUT_DIGEST_KEY", "a short key", REF, { CHECKOUT_DIGEST_KEY: "hunter2" }],
  ["CHECKOUT_TOKEN_KEYS", "a key that is no set", REF, { CHECKOUT_TOKEN_KEYS: "hunter2" }],
  ["CHECKOUT_ADDRESS_HEADER", "a header in capitals", REF, {
    CHECKOUT_ADDRESS_HEADER: "X-Hunter2",
  }],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "gRPC's address for HTTP's", REF, {
    OTEL_EXPORTER_OTLP_ENDPOINT: "grpc://hunter2:4317",
  }],
  ["OTEL_EXPORTER_OTLP_HEADERS", "a key for a header", REF, {
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://otlp.example.com",
    OTEL_EXPORTER_OTLP_HEADERS: "hunter2",
  }],
  ["SUPABASE_URL", "a path behind the project's origin", REF, {
    SUPABASE_URL: "https://example.com/hunter2",
  }],
  ["SUPABASE_URL", "the address of another project", REF, {
    SUPABASE_URL: "https://zzzzzzzzzzzzzzzzzzzz.supabase.co",
  }],
  ["SUPABASE_URL", "an address of no project on the platform", REF, {
    SUPABASE_URL: `https://${REF}.hunter2.supabase.co`,
  }],
  ["SUPABASE_URL", "a user before the project's origin", REF, {
    SUPABASE_URL: `https://hunter2@${REF}.supabase.co`,
  }],
  ["SUPABASE_URL", "an origin in plain text", REF, {
    SUPABASE_URL: "http://hunter2.example.com",
  }],
  ["SUPABASE_API_URL", "a platform in plain text", REF, {
    SUPABASE_API_URL: "http://hunter2.example.com",
  }],
  ["STRIPE_API_URL", "a Stripe in plain text", REF, {
    STRIPE_API_URL: "http://hunter2.example.com",
  }],
])("names %s for %s, its fix, and not its value", (name, _what, ref, env) => {
  const told = problems(ref, { ...GOOD, ...env });
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(new RegExp(`^${name}: .*[;,:] `));
  expect(told.join().toLowerCase()).not.toContain("hunter2");
});

it.each([
  ["DATABASE_URL", "postgresql://postgres:password@db.example.com/postgres"],
  ["DATABASE_URL", undefined],
  ["SUPABASE_URL", `https://${REF}.supabase.co`],
])("takes no %s of another machine for the local stack's: %s", (name, value) => {
  const local = {
    DATABASE_URL: "postgresql://postgres:password@127.0.0.1:5432/postgres",
    SUPABASE_URL: "http://127.0.0.1:54321",
  };
  expect(() => isLocalStack(local)).not.toThrow();
  expect(() => isLocalStack({ ...local, [name]: value })).toThrow(
    new RegExp(`^${name}: is not a local stack's`),
  );
});
