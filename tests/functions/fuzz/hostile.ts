import * as fc from "fast-check";

const NUL = "\0";

/** Texts that have broken one parser, database or log or another. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    NUL,
    `a${NUL}b`,
    "\ud800",
    "\udfff\ud800",
    "a\ud83d",
    "\ufeff",
    "\ufffe\uffff",
    "\u202egpj.exe",
    "Ａｄｍｉｎ",
    "e\u0301".repeat(50),
    "\r\nset-cookie: a=b",
    "' or 1=1 --",
    "'; drop table billing.customers; --",
    "$$; select pg_sleep(10); $$",
    "{{7*7}}${7*7}",
    "%00",
    "%E0%A4%A",
    "../../../../etc/passwd",
    "javascript:alert(1)",
    "http://169.254.169.254/latest/meta-data",
    "https://[::ffff:127.0.0.1]/",
    "https://user:password@example.com/",
    "null",
    "NaN",
    "-0",
    "1e400",
    "true",
    "[object Object]",
    "__proto__",
    "constructor",
    "toString",
    "eq.1",
    "x".repeat(256),
    "é".repeat(501),
    "a@b.c".repeat(100),
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
  ),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
);

/** Values of every kind but the one that is wanted. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    0.1,
    2 ** 53,
    -(2 ** 63),
    1.7976931348623157e308,
    [],
    {},
    [[]],
    [null],
    { length: 3 },
    { toString: "x", valueOf: 1 },
    { toJSON: null },
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.integer({ min: 2, max: 2_000 }).map(nested),
);

/** Lists in lists, deeper than a careless recursion goes. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** JSON texts that `JSON.stringify` would not write. */
export function oddText(json: string): fc.Arbitrary<string> {
  const inside = json.startsWith("{") ? json.slice(1) : `${json}}`;
  const and = inside.trim() === "}" ? inside : `,${inside}`;
  return fc.constantFrom(
    // Two of one name: the last one counts, and the first must not have been judged in its place.
    `{"priceId":1,"clientSecret":null,"externalUserId":[]${and}`,
    `{"__proto__":{"priceId":"x","isAdmin":true}${and}`,
    `{"constructor":{"prototype":{"polluted":1}}${and}`,
    `\ufeff${json}`,
    ` \t\n${json}\n`,
    `${json}${json}`,
    `${json},`,
    json.slice(0, -1),
    json.replaceAll('"', "'"),
    `[${json}]`,
    JSON.stringify(json),
    `{"a":1e99999${and}`,
    `{"a":"\\ud800","\\u0000":"\\u0000"${and}`,
    "[".repeat(30_000),
    `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
    `{"a":${"1".repeat(60_000)}}`,
    `{"padding":"${"x".repeat(65_536)}"${and}`,
  );
}

export const contentTypes: fc.Arbitrary<string> = fc.constantFrom(
  "application/json; charset=utf-16",
  "APPLICATION/JSON",
  "application/json-patch+json",
  "application/json,text/html",
  "text/plain",
  "text/html",
  "multipart/form-data; boundary=x",
  "application/x-www-form-urlencoded",
  "application/octet-stream",
  "",
);

/** Headers that nobody should send; each is legal on the wire. */
export const oddHeaders: fc.Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom(
    "accept",
    "apikey",
    "content-encoding",
    "cookie",
    "forwarded",
    "idempotency-key",
    "if-none-match",
    "origin",
    "prefer",
    "range",
    "stripe-account",
    "stripe-signature",
    "user-agent",
    "x-client-info",
    "x-forwarded-for",
    "x-http-method-override",
    "x-original-url",
    "x-request-id",
  ),
  fc.oneof(
    fc.constantFrom("gzip", "null", "*", "DELETE", "/checkout-reconcile", "127.0.0.1", "::::::"),
    fc.constantFrom("bytes=0-0", "return=representation", "t=1,v1=00", "x".repeat(4_000), ""),
    // What a header may hold (RFC 9110, 5.5).
    fc.stringMatching(/^[\x21-\x7e\x80-\xff]{1,80}$/),
  ),
  { maxKeys: 3 },
);

/** The tail of a path: encoded, doubled, climbing. */
export const oddSegment: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "%00",
    "%2f",
    "%2e%2e%2fcheckout-reconcile",
    "..%2f..%2f",
    "%E0%A4%A",
    "%ff",
    "%",
    "a%0d%0ax:%20y",
    ";",
    "*",
    "__proto__",
    "constructor",
    "%ED%A0%80",
    "-",
    "x".repeat(5_000),
  ),
  hostileText.map((text) => encodeURIComponent(text.replace(/\p{Cs}/gu, ""))),
  fc.uuid(),
);
