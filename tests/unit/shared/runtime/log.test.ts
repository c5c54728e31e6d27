import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { createLogger, mask } from "../../../../shared/runtime/log.ts";

const secrets: [what: string, secret: string][] = [
  ["a payment intent's client secret", "pi_3NabcDEF_secret_xYz123AbC"],
  ["a setup intent's client secret", "seti_1NabcDEF_secret_xYz123AbC"],
  ["Stripe's secret key", "sk_test_51NabcDEF0123456789"],
  ["Stripe's secret key, live", "sk_live_51NabcDEF0123456789"],
  ["a restricted key", "rk_live_51NabcDEF0123456789"],
  ["a publishable key", "pk_test_51NabcDEF0123456789"],
  ["an organization's key", "sk_live_9f8e7d6c5b4a39281706f5e4d3c2b1a0"],
  ["the project's secret key", "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz"],
  ["the project's publishable key", "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH"],
  ["a webhook secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
  ["a webhook secret in base64", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD/a=="],
  ["a session token", "bos_session_test_eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiIxIn0.c2ln-bmF0_dXJl"],
  ["a live session token", "bos_session_live_eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiIxIn0.c2ln"],
  ["a JWT", "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJl"],
  ["a JWT without a signature", "eyJhbGciOiJub25lIn0.eyJyb2xlIjoic2VydmljZV9yb2xlIn0."],
  ["an e-mail address", "jenny.rosen+test@mail.example.com"],
  ["an e-mail address beyond ASCII", "jürgen@müller.example"],
  ["a Visa card", "4242424242424242"],
  ["a Visa card in groups", "4242 4242 4242 4242"],
  ["an American Express card", "378282246310005"],
  ["an American Express card in groups", "3782 822463 10005"],
  ["a card of 14 digits", "30569309025904"],
  ["a card of 19 digits", "6205500000000000004"],
];

/** Where a library's error text may carry a value. */
const places: [place: string, around: (value: string) => string][] = [
  ["alone", (value) => value],
  ["in a sentence", (value) => `No such thing: ${value}; try again.`],
  ["in quotes", (value) => `failed for '${value}'`],
  ["in JSON", (value) => JSON.stringify({ value })],
  ["in a query", (value) => `https://example.com/?value=${value}&next=1`],
  ["in a path", (value) => `POST /checkout-confirm/${value}`],
  ["in brackets", (value) => `(${value}) [${value}] <${value}>`],
  ["after a colon", (value) => `Bearer:${value}`],
  ["over two lines", (value) => `first\n${value}\nlast`],
  ["twice", (value) => `${value}, ${value}`],
];

describe.each(secrets)("%s", (_what, secret) => {
  it.each(places)("is masked: %s", (_place, around) => {
    const masked = mask(around(secret));
    expect(masked).toContain("[masked]");
    expect(masked).not.toContain(secret);
    expect(masked).not.toContain(secret.slice(-8));
  });
});

const plain: [what: string, text: string][] = [
  ["a row's id", "0197f0c1-2345-7890-8bcd-1234567890ab"],
  ["an id of digits", "01234567-8901-4234-8567-890123456789"],
  ["a request's id", "req_0197f0c1-2345-7890-8bcd-1234567890ab"],
  ["Stripe's request id", "req_Vz8ZvYQ3uNvYQ3"],
  ["a time", "2026-11-23T05:30:26.123Z"],
  ["Unix seconds", "1795411826"],
  ["Unix milliseconds", "1795411826123"],
  ["an amount", "123456789012"],
  ["a payment intent", "pi_3NabcDEFghiJKLmn0OPQrstU"],
  ["a setup intent", "seti_1NabcDEFghiJKLmn0OPQrstU"],
  ["a customer", "cus_OabcDEFghiJKLm"],
  ["a subscription", "sub_1NabcDEFghiJKLmn0OPQrstU"],
  ["an event", "evt_1NabcDEFghiJKLmn0OPQrstU"],
  ["a payment method", "pm_1NabcDEFghiJKLmn0OPQrstU"],
  ["a charge", "ch_3NabcDEFghiJKLmn0OPQrstU"],
  ["an account", "acct_1032D82eZvKYlo2C"],
  ["a price", "price_1MoBy5LkdIwHu7ixZhnattbh"],
  ["an invoice", "in_1MtHbELkdIwHu7ixl4OzzPMv"],
  ["a route", "/checkout-confirm/:clientSecret"],
  [
    "a SQL error",
    'begin_checkout: 23505 duplicate key value violates unique constraint "one_live"',
  ],
  [
    "Stripe's error",
    "StripeInvalidRequestError resource_missing 404 No such payment_intent: 'pi_123'",
  ],
  ["a topic", "checkout:0197f0c1-2345-7890-8bcd-1234567890ab"],
  ["a digest", "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"],
  ["a version", "Deno/2.9.6 (x86_64-unknown-linux-gnu)"],
];

it.each(plain)("%s stays readable", (_what, text) => {
  expect(mask(text)).toBe(text);
});

it("masking what is masked changes nothing", () => {
  const word = fc.constantFrom(
    ...secrets.map(([, secret]) => secret),
    ...plain.map(([, text]) => text),
  );
  fc.assert(fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 6 }), (words) => {
    const once = mask(words.join(" "));
    expect(mask(once)).toBe(once);
  }));
});

/** The lines that a logger writes, parsed. */
function lines(use: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const written: string[] = [];
  use(createLogger((line) => written.push(line), { function: "checkout-create" }));
  return written.map((line) => {
    expect(line).not.toContain("\n");
    return z.record(z.string(), z.unknown()).parse(JSON.parse(line));
  });
}

describe("a log line", () => {
  it("is one line of JSON with time, level, message and every field", () => {
    const [line] = lines((log) => log.info("request", { status: 200, ok: true, route: "/a/:b" }));
    const { time, ...rest } = line ?? {};
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(rest).toEqual({
      level: "info",
      message: "request",
      function: "checkout-create",
      status: 200,
      ok: true,
      route: "/a/:b",
    });
  });

  it("says its level", () => {
    const levels = lines((log) => {
      log.info("a");
      log.warn("b");
      log.error("c");
    }).map(({ level }) => level);
    expect(levels).toEqual(["info", "warn", "error"]);
  });

  it("has the fields of its logger and of those before it, and no sibling's", () => {
    const [first, second] = lines((log) => {
      log.with({ requestId: "req_1" }).with({ sessionId: "s" }).info("a");
      log.info("b");
    });
    expect(first).toMatchObject({
      function: "checkout-create",
      requestId: "req_1",
      sessionId: "s",
    });
    expect(second).not.toHaveProperty("requestId");
  });

  it("has what was noted of its own logger from then on, and of no logger that was made before or beside it", () => {
    const [before, own, later, fork, first] = lines((log) => {
      const made = log.with({ requestId: "req_1" });
      const forked = made.with({});
      made.info("before");
      made.note({ sessionId: "s" });
      made.info("own");
      made.with({ more: 1 }).info("later");
      forked.info("fork");
      log.info("first");
      expect(made.fields).toMatchObject({ requestId: "req_1", sessionId: "s" });
    });
    expect(own).toMatchObject({ requestId: "req_1", sessionId: "s" });
    expect(later).toMatchObject({ sessionId: "s", more: 1 });
    for (const line of [before, fork, first]) expect(line).not.toHaveProperty("sessionId");
  });

  it("leaves out a field that has no value", () => {
    expect(lines((log) => log.info("a", { cause: undefined }))[0]).not.toHaveProperty("cause");
  });

  it.each(secrets)("never holds %s: in the message, a field, a logger's field", (_what, secret) => {
    const written = JSON.stringify(lines((log) => {
      log.info(secret);
      log.error("failed", { cause: `Error: ${secret}` });
      log.with({ base: secret }).warn("failed");
    }));
    expect(written).not.toContain(secret);
    expect(written).not.toContain(secret.slice(-8));
  });

  it("cannot be split by what is logged", () => {
    const hostile = 'x\n{"level":"info","message":"forged"}\r\n\u2028';
    const written = lines((log) => log.info("refused", { cause: hostile }));
    expect(written).toHaveLength(1);
    expect(written[0]?.["cause"]).toBe(hostile);
  });

  it("keeps numbers as they are", () => {
    const [line] = lines((log) => log.info("a", { amount: 123_456_789_012, version: 3 }));
    expect(line).toMatchObject({ amount: 123_456_789_012, version: 3 });
  });
});
