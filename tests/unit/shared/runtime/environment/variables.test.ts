import { describe, expect, it } from "vitest";
import {
  addressHeader,
  allowedOrigins,
  databaseEnvironment,
  digestKeyBytes,
  EnvironmentError,
  environmentGroups,
  environmentNames,
  type EnvironmentRecord,
  environmentRecord,
  stripeEnvironment,
  tokenKeys,
  webhookSecrets,
} from "../../../../../shared/runtime/environment.ts";
import { environment, given, KEY, without } from "../../support/environment.ts";

type Reader = (record: EnvironmentRecord) => unknown;

const readers: [name: string, read: Reader][] = [
  ["SUPABASE_URL", databaseEnvironment],
  ["SUPABASE_SECRET_KEYS", databaseEnvironment],
  ["STRIPE_SECRET_KEY", stripeEnvironment],
  ["STRIPE_PUBLISHABLE_KEY", stripeEnvironment],
  ["STRIPE_WEBHOOK_SECRETS", webhookSecrets],
  ["STRIPE_API_URL", stripeEnvironment],
  ["CHECKOUT_TOKEN_KEYS", tokenKeys],
  ["CHECKOUT_DIGEST_KEY", digestKeyBytes],
  ["CHECKOUT_ALLOWED_ORIGINS", allowedOrigins],
  ["CHECKOUT_ADDRESS_HEADER", addressHeader],
];
/** What may be left out. */
const optional = new Set(["STRIPE_API_URL", "CHECKOUT_ADDRESS_HEADER"]);
const readerOf = new Map(readers);

function refusal(name: string, record: EnvironmentRecord): unknown {
  try {
    readerOf.get(name)?.(record);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("the environment", () => {
  it("has a reader for every variable, those of telemetry aside, which may be anything and stop nothing", () => {
    const read = [...readers.map(([name]) => name), ...environmentGroups.telemetry];
    expect(read.toSorted()).toEqual([...environmentNames].toSorted());
  });

  it("is read by name, never as a whole, and only where a variable is known", () => {
    const asked: string[] = [];
    const record = environmentRecord((name) => {
      asked.push(name);
      return environment[name];
    }, [
      "database",
      "stripe",
      "webhook",
      "tokens",
      "digests",
      "browsers",
      "addresses",
      "telemetry",
    ]);
    expect(asked).toEqual([...environmentNames]);
    expect(record).toEqual(environment);
  });

  it("is read by a function no further than the groups that it names", () => {
    const asked: string[] = [];
    environmentRecord((name) => {
      asked.push(name);
      return environment[name];
    }, ["database", "browsers"]);
    expect(asked).toEqual(["SUPABASE_URL", "SUPABASE_SECRET_KEYS", "CHECKOUT_ALLOWED_ORIGINS"]);
  });

  it("of one deployment is read whole", () => {
    for (const [name] of readers) expect(refusal(name, environment)).toBeUndefined();
  });
});

describe.each(readers.filter(([name]) => !optional.has(name)))("%s", (name, read) => {
  it("is needed: there is no default", () => {
    expect(() => read(without(name))).toThrow(new EnvironmentError(`${name}: is not set`));
  });
});

/** What people and tools put where a value belongs. */
const junk = [
  ["an empty text", ""],
  ["white space", " \t\n"],
  ["false", "false"],
  ["undefined", "undefined"],
  ["null", "null"],
  ["zero", "0"],
  ["an empty object", "{}"],
  ["an empty list", "[]"],
  ["a quoted text", '""'],
  ["a template's leftover", "${SECRET}"],
  ["a placeholder", "<your-key-here>"],
  ["a comma", ","],
  ["NUL", "\0"],
] as const;

describe.each(readers)("%s", (name, read) => {
  it.each(junk)("that is junk is an error and never a default: %s", (_what, value) => {
    expect(() => read(given(name, value))).toThrow(EnvironmentError);
    expect(() => read(given(name, value))).toThrow(new RegExp(`^${name}: `));
  });
});

const MARK = "Zq7Wm2Xk9";
const jwks = (...keys: object[]) => JSON.stringify({ keys });
const oct = { kty: "oct", kid: "a", k: KEY };

const malformed: [name: string, what: string, value: string][] = [
  ["SUPABASE_URL", "without a scheme", `${MARK}.supabase.co`],
  ["SUPABASE_URL", "of another scheme", `ftp://${MARK}.supabase.co`],
  ["SUPABASE_URL", "of a scheme that runs", `javascript:${MARK}`],
  ["SUPABASE_URL", "with one slash", `https:/${MARK}.supabase.co`],
  ["SUPABASE_SECRET_KEYS", "the key itself", `sb_secret_${MARK}`],
  ["SUPABASE_SECRET_KEYS", "a quoted key", `"sb_secret_${MARK}"`],
  ["SUPABASE_SECRET_KEYS", "cut short", `{"default":"sb_secret_${MARK}`],
  ["SUPABASE_SECRET_KEYS", "without its default", `{"other":"sb_secret_${MARK}"}`],
  ["SUPABASE_SECRET_KEYS", "a default that is a list", `{"default":["sb_secret_${MARK}"]}`],
  ["SUPABASE_SECRET_KEYS", "a default that is empty", `{"default":"","other":"${MARK}"}`],
  ["STRIPE_SECRET_KEY", "the publishable key", `pk_test_${MARK}`],
  ["STRIPE_SECRET_KEY", "a webhook secret", `whsec_${MARK}`],
  ["STRIPE_SECRET_KEY", "of no mode", `sk_${MARK}`],
  ["STRIPE_SECRET_KEY", "of an unknown mode", `sk_prod_${MARK}`],
  ["STRIPE_SECRET_KEY", "only the prefix", "sk_test_"],
  ["STRIPE_SECRET_KEY", "in capitals", `SK_TEST_${MARK}`],
  ["STRIPE_SECRET_KEY", "with its name", `STRIPE_SECRET_KEY=sk_test_${MARK}`],
  ["STRIPE_SECRET_KEY", "in quotes", `"sk_test_${MARK}"`],
  ["STRIPE_SECRET_KEY", "broken over two lines", `sk_test_${MARK}\n${MARK}`],
  ["STRIPE_PUBLISHABLE_KEY", "the secret key", `sk_test_${MARK}`],
  ["STRIPE_PUBLISHABLE_KEY", "a restricted key", `rk_test_${MARK}`],
  ["STRIPE_PUBLISHABLE_KEY", "with white space inside", `pk_test_${MARK} x`],
  ["STRIPE_WEBHOOK_SECRETS", "one of two is no secret", `whsec_${MARK},sk_test_${MARK}`],
  ["STRIPE_WEBHOOK_SECRETS", "one of two is empty", `whsec_${MARK},`],
  ["STRIPE_WEBHOOK_SECRETS", "one of three is empty", `whsec_${MARK},,whsec_${MARK}`],
  ["STRIPE_WEBHOOK_SECRETS", "only the prefix", "whsec_"],
  ["STRIPE_WEBHOOK_SECRETS", "parted by a line", `whsec_${MARK}\nwhsec_${MARK}`],
  ["STRIPE_WEBHOOK_SECRETS", "as JSON", `["whsec_${MARK}"]`],
  ["STRIPE_API_URL", "without a scheme", `${MARK}:12111`],
  ["STRIPE_API_URL", "of another scheme", `ws://${MARK}`],
  ["CHECKOUT_TOKEN_KEYS", "a key without its set", JSON.stringify({ ...oct, kid: MARK })],
  ["CHECKOUT_TOKEN_KEYS", "a list without its set", JSON.stringify([{ ...oct, kid: MARK }])],
  ["CHECKOUT_TOKEN_KEYS", "a set without keys", jwks()],
  ["CHECKOUT_TOKEN_KEYS", "a key of another kind", jwks({ ...oct, kty: "RSA", n: MARK })],
  ["CHECKOUT_TOKEN_KEYS", "a key without a kid", jwks({ kty: "oct", k: KEY, x: MARK })],
  ["CHECKOUT_TOKEN_KEYS", "an empty kid", jwks({ ...oct, kid: "", x: MARK })],
  ["CHECKOUT_TOKEN_KEYS", "a short key", jwks({ ...oct, k: `${MARK}${MARK}` })],
  ["CHECKOUT_TOKEN_KEYS", "a key of 31 bytes", jwks({ ...oct, k: KEY.slice(0, 42) })],
  ["CHECKOUT_TOKEN_KEYS", "a key in plain base64", jwks({ ...oct, k: `${KEY}+/${MARK}` })],
  ["CHECKOUT_TOKEN_KEYS", "a padded key", jwks({ ...oct, k: `${KEY}=` })],
  ["CHECKOUT_TOKEN_KEYS", "a second key that is short", jwks(oct, { ...oct, k: MARK })],
  ["CHECKOUT_TOKEN_KEYS", "cut short", jwks({ ...oct, kid: MARK }).slice(0, -1)],
  ["CHECKOUT_DIGEST_KEY", "a short key", MARK],
  ["CHECKOUT_DIGEST_KEY", "31 bytes", KEY.slice(0, 42)],
  ["CHECKOUT_DIGEST_KEY", "plain base64", `${KEY.slice(0, 40)}+/+/${MARK}`],
  ["CHECKOUT_DIGEST_KEY", "white space inside", `${KEY.slice(0, 20)} ${KEY.slice(20)}${MARK}`],
  ["CHECKOUT_DIGEST_KEY", "an impossible length", `${KEY}AA`],
  ["CHECKOUT_DIGEST_KEY", "a letter beyond ASCII", `${KEY}é${MARK}`],
  ["CHECKOUT_ALLOWED_ORIGINS", "a host without its scheme", `${MARK}.example.com`],
  ["CHECKOUT_ALLOWED_ORIGINS", "one of two is no origin", `https://app.example.com,${MARK}`],
  ["CHECKOUT_ALLOWED_ORIGINS", "one of two is empty", `https://${MARK}.example.com, `],
  ["CHECKOUT_ALLOWED_ORIGINS", "two stars", "**"],
  ["CHECKOUT_ALLOWED_ORIGINS", "the origin of a file", "null"],
  ["CHECKOUT_ADDRESS_HEADER", "with white space", `x-${MARK.toLowerCase()} `],
  ["CHECKOUT_ADDRESS_HEADER", "in capitals", `X-${MARK}`],
  ["CHECKOUT_ADDRESS_HEADER", "two of them", `x-real-ip,x-${MARK.toLowerCase()}`],
  ["CHECKOUT_ALLOWED_ORIGINS", "parted by a space", `https://a.example https://${MARK}.example`],
];

it.each(malformed)("%s is refused where it is malformed: %s", (name, _what, value) => {
  const error = refusal(name, given(name, value));
  expect(error).toBeInstanceOf(EnvironmentError);
  expect(String(error)).toContain(`${name}: `);
});

it.each(malformed)("an error about %s does not quote it: %s", (name, _what, value) => {
  const error = refusal(name, given(name, value));
  const shown = `${String(error)} ${error instanceof Error ? error.stack : ""}`;
  expect(shown).not.toContain(MARK);
  expect(shown).not.toContain(KEY.slice(0, 20));
  expect(error).not.toHaveProperty("cause");
});

const at = (url: string, header?: string) =>
  addressHeader({ ...given("SUPABASE_URL", url), CHECKOUT_ADDRESS_HEADER: header });

describe("CHECKOUT_ADDRESS_HEADER", () => {
  it("is the header of the proxy that every hosted project stands behind", () => {
    expect(at("https://abcdefghijklmnop.supabase.co")).toBe("cf-connecting-ip");
  });

  it.each([
    "http://127.0.0.1:54321",
    "http://kong:8000",
    "https://supabase.example.com",
    "https://supabase.co.example.com",
    "https://abcdefghijklmnop.supabase.co.example.com",
    "https://notsupabase.co",
    "https://example.com/.supabase.co",
    "http://abcdefghijklmnop.supabase.co",
  ])("is none at %s: there the header would be the caller's own word", (url) => {
    expect(at(url)).toBeUndefined();
  });

  it("is what is written, wherever that is", () => {
    expect(at("https://supabase.example.com", "x-real-ip")).toBe("x-real-ip");
    expect(at("https://abcdefghijklmnop.supabase.co", "x-real-ip")).toBe("x-real-ip");
  });
});
