import * as fc from "fast-check";
import Stripe from "stripe";
import { contentTypes, hostileText, oddHeaders, oddSegment, oddText } from "./hostile.ts";
import type { WireRequest } from "./wire.ts";

const methods = fc.constantFrom(
  "GET",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "HEAD",
  "OPTIONS",
  "TRACE",
  "PURGE",
  "PROPFIND",
);
const tail = fc.tuple(fc.constantFrom("/", "?", "/?a=", "#", "//"), oddSegment)
  .map((parts) => parts.join(""));

const seldom = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: usual, weight: 15 }, { arbitrary: odd, weight: 1 });

/** A request that fits, or nearly. */
export function request(wanted: {
  readonly method: string;
  readonly path: fc.Arbitrary<string>;
  readonly body: fc.Arbitrary<unknown>;
  readonly authorization: fc.Arbitrary<string | undefined>;
}): fc.Arbitrary<WireRequest> {
  const bytes: fc.Arbitrary<Uint8Array | undefined> = fc.oneof(
    { arbitrary: jsonText(wanted.body).map((text) => new TextEncoder().encode(text)), weight: 15 },
    { arbitrary: fc.uint8Array({ maxLength: 300 }), weight: 1 },
    { arbitrary: fc.constant(undefined), weight: 1 },
  );
  return fc.record({
    method: seldom(fc.constant(wanted.method), methods),
    path: fc.tuple(wanted.path, seldom(fc.constant(""), tail)).map((parts) => parts.join(""))
      .filter(staysIn),
    type: seldom(fc.constant("application/json"), contentTypes),
    shown: wanted.authorization,
    odd: seldom(fc.constant({}), oddHeaders),
    body: bytes,
    chunked: fc.boolean(),
  }).map(({ method, path, type, shown, odd, body, chunked }) => ({
    method,
    path,
    headers: {
      ...odd,
      "content-type": type,
      ...(shown === undefined ? {} : { authorization: shown }),
    },
    // HTTP allows none there (RFC 9110, 9.3.8).
    body: method === "TRACE" ? undefined : body,
    chunked,
  }));
}

/** Bodies that an endpoint's secret has signed, whatever they say. */
export function signed(
  secret: string,
  path: string,
  body: fc.Arbitrary<unknown>,
): fc.Arbitrary<WireRequest> {
  return jsonText(body).map((payload) => ({
    method: "POST",
    path,
    headers: {
      "content-type": "application/json",
      "stripe-signature": Stripe.webhooks.generateTestHeaderString({ payload, secret }),
    },
    body: new TextEncoder().encode(payload),
    chunked: false,
  }));
}

function jsonText(body: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  return body.chain((value) => {
    const json = JSON.stringify(value);
    return seldom(fc.constant(json), oddText(json));
  });
}

/**
 * An `Authorization` header: most often one that fits, else one that fits something else, a spoiled one or none.
 */
export function authorization(
  fitting: readonly string[],
  all: readonly string[],
): fc.Arbitrary<string | undefined> {
  const shown = fc.oneof(
    { arbitrary: fc.constantFrom(...(fitting.length === 0 ? all : fitting)), weight: 12 },
    { arbitrary: fc.constantFrom(...all), weight: 3 },
    { arbitrary: fc.constantFrom(...all.flatMap(mutations)), weight: 3 },
    { arbitrary: hostileText.map((text) => text.replace(/[^\x21-\x7e]/g, "")), weight: 1 },
  );
  const scheme = seldom(fc.constant("Bearer "), fc.constantFrom("bearer  ", "Basic ", ""));
  return fc.option(fc.tuple(scheme, shown).map(([a, b]) => a + b), { nil: undefined, freq: 12 });
}

/** A credential cut, prolonged, turned, moved to the other mode. */
export function mutations(text: string): string[] {
  const middle = Math.floor(text.length / 2);
  const turned = text[middle] === "A" ? "B" : "A";
  return [
    text.slice(0, -1),
    `${text}A`,
    text.slice(0, middle) + turned + text.slice(middle + 1),
    text.replace("_test_", "_live_"),
    text.toUpperCase(),
  ];
}

/** Whether a path still leads to its function once the dots in it are resolved; elsewhere the gateway answers. */
function staysIn(path: string): boolean {
  const slug = path.split(/[/?#]/)[1];
  return URL.canParse(`http://host${path}`) &&
    new URL(`http://host${path}`).pathname.split("/")[1] === slug;
}
