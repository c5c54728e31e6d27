import { createSign, generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CheckoutError } from "../../../../shared/runtime/errors.ts";
import { sessionTokens } from "../../../../shared/tokens/session-token.ts";
import { OTHER_KEY } from "../support/environment.ts";
import { claims, current, forge, header, NOW, token } from "./forge.ts";

const tokens = sessionTokens([current]);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const base64url = (text: string) => Buffer.from(text).toString("base64url");
const signedPart = (changed: object) =>
  `${base64url(JSON.stringify({ ...header, ...changed }))}.${base64url(JSON.stringify(claims))}`;

/** A token with one part replaced after it was signed. */
function tampered(index: 0 | 1 | 2, change: (part: string) => string): string {
  const [prefix, ...parts] = forge().split(/(?<=^bos_session_test_)|\./);
  return prefix + parts.map((part, at) => at === index ? change(part) : part).join(".");
}

/** Asymmetric, over what a public key's holder could make of the secret. */
function signedByKeyPair(alg: "RS256" | "ES256"): string {
  const { privateKey } = alg === "RS256"
    ? generateKeyPairSync("rsa", { modulusLength: 2048 })
    : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signed = signedPart({ alg });
  return `bos_session_test_${signed}.${
    createSign("sha256").update(signed).sign(privateKey, "base64url")
  }`;
}

const attacks: [attack: string, text: string][] = [
  ["no signature, alg none", `bos_session_test_${signedPart({ alg: "none" })}.`],
  ["no signature, alg None", `bos_session_test_${signedPart({ alg: "None" })}.`],
  ["no signature, alg HS256", `bos_session_test_${signedPart({})}.`],
  ["a right signature under alg none", forge({ header: { alg: "none" } })],
  ["the right key under HS384", forge({ header: { alg: "HS384" }, hash: "sha384" })],
  ["the right key under HS512", forge({ header: { alg: "HS512" }, hash: "sha512" })],
  ["an algorithm in small letters", forge({ header: { alg: "hs256" } })],
  ["no algorithm", forge({ header: { alg: undefined } })],
  ["a list of algorithms", forge({ header: { alg: ["HS256"] } })],
  ["an HMAC that calls itself RS256", forge({ header: { alg: "RS256" } })],
  ["a key pair's signature, RS256", signedByKeyPair("RS256")],
  ["a key pair's signature, ES256", signedByKeyPair("ES256")],
  [
    "a key of its own in the header",
    forge({ header: { jwk: { kty: "oct", k: OTHER_KEY } }, key: OTHER_KEY }),
  ],
  [
    "a key set of its own in the header",
    forge({ header: { jku: "https://attacker.example/keys" }, key: OTHER_KEY }),
  ],
  ["another key under the right kid", forge({ key: OTHER_KEY })],
  ["an empty key", forge({ key: "" })],
  ["the kid itself as the key", forge({ key: base64url(current.kid) })],
  ["an unknown kid", forge({ header: { kid: "2020-01" } })],
  ["no kid", forge({ header: { kid: undefined } })],
  ["a null kid", forge({ header: { kid: null } })],
  ["a kid that is a number", forge({ header: { kid: 0 } })],
  ["a kid that is a path", forge({ header: { kid: "../../dev/null" }, key: "" })],
  ["a kid of JavaScript's", forge({ header: { kid: "__proto__" } })],
  ["an extension that must be understood", forge({ header: { crit: ["x"], x: 1 } })],
  ["an unencoded payload", forge({ header: { b64: false, crit: ["b64"] } })],
  ["another kind of token", forge({ header: { typ: "JWT" } })],
  ["a kind of token not said", forge({ header: { typ: undefined } })],
  ["another issuer", forge({ claims: { iss: "supabase" } })],
  ["no issuer", forge({ claims: { iss: undefined } })],
  ["another audience", forge({ claims: { aud: "authenticated" } })],
  ["no audience", forge({ claims: { aud: undefined } })],
  ["no token id", forge({ claims: { jti: undefined } })],
  ["a token id that is none", forge({ claims: { jti: "1 or 1=1" } })],
  ["no user", forge({ claims: { sub: undefined } })],
  ["an empty user", forge({ claims: { sub: "" } })],
  ["no organization", forge({ claims: { org: undefined } })],
  ["an organization that is none", forge({ claims: { org: "*" } })],
  ["no operations", forge({ claims: { ops: undefined } })],
  ["operations as text", forge({ claims: { ops: "checkout" } })],
  ["an unknown operation", forge({ claims: { ops: ["checkout", "refund"] } })],
  ["no mode", forge({ claims: { live: undefined } })],
  ["a mode that is text", forge({ claims: { live: "false" } })],
  ["a live prefix on a test token", forge({ prefix: "bos_session_live_" })],
  ["a test prefix on a live token", forge({ claims: { live: true } })],
  ["no prefix", forge({ prefix: "" })],
  ["another prefix", forge({ prefix: "bos_session_prod_" })],
  ["a prefix in capitals", forge({ prefix: "BOS_SESSION_TEST_" })],
  ["a prefix twice", forge({ prefix: "bos_session_test_bos_session_test_" })],
  ["white space before it", ` ${forge()}`],
  [
    "a payload of its own",
    tampered(1, () => base64url(JSON.stringify({ ...claims, sub: "admin" }))),
  ],
  ["a payload changed by a letter", tampered(1, (part) => `A${part.slice(1)}`)],
  ["a payload that is a list", tampered(1, () => base64url("[]"))],
  ["a payload that is no JSON", tampered(1, () => base64url("{"))],
  ["a header of its own", tampered(0, () => base64url('{"alg":"none"}'))],
  ["a header that is no JSON", tampered(0, () => base64url("{"))],
  ["a header that is null", tampered(0, () => base64url("null"))],
  ["a header that is empty", tampered(0, () => "")],
  ["a signature cut short", tampered(2, (part) => part.slice(0, 20))],
  ["a signature that is empty", tampered(2, () => "")],
  [
    "a signature changed by a letter",
    tampered(2, (part) => `${part[0] === "A" ? "B" : "A"}${part.slice(1)}`),
  ],
  ["a signature that is not base64url", tampered(2, () => "!".repeat(43))],
  ["two parts", forge().split(".").slice(0, 2).join(".")],
  ["four parts", `${forge()}.e30`],
  ["five parts, as encrypted", `${forge()}.e30.e30`],
  ["nothing", ""],
  ["only a prefix", "bos_session_test_"],
  ["dots", "bos_session_test_.."],
  ["NUL", "bos_session_test_\0.\0.\0"],
  ["a line after it", `${forge()}\nx`],
  ["a megabyte of A", `bos_session_test_${"A".repeat(1_000_000)}`],
  ["a hundred thousand dots", `bos_session_test_${".".repeat(100_000)}`],
  ["an organization's key", "sk_test_9f8e7d6c5b4a39281706f5e4d3c2b1a0"],
];

it("the untouched token that the attacks start from is good", async () => {
  expect(await tokens.verify(forge())).toEqual(token);
});

it.each(attacks)("a token is refused: %s", async (_attack, text) => {
  await expect(tokens.verify(text)).rejects.toMatchObject({ code: "session_token_invalid" });
});

it("every refusal reads the same: nobody learns what was nearly right", async () => {
  const told = await Promise.all(attacks.map(([, text]) =>
    tokens.verify(text).then(
      () => "verified",
      (error: unknown) =>
        error instanceof CheckoutError ? JSON.stringify([error.message, error.details]) : "other",
    )
  ));
  expect(new Set(told).size).toBe(1);
});
