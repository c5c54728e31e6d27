import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CheckoutError } from "../../../../shared/runtime/errors.ts";
import { verifyEvent } from "../../../../shared/stripe/webhook.ts";
import { paymentIntent, stripeAnswering } from "./answers.ts";

/** Unix seconds at which an event is delivered. */
const NOW = 1_795_411_900;
const PLATFORM = "whsec_platformEndpoint0123456789";
const CONNECT = "whsec_connectEndpoint0123456789";
const FORGER = "whsec_forgersOwn0123456789";

const stripe = stripeAnswering(() => new Response("nothing is asked of Stripe", { status: 500 }));

const event = {
  id: "evt_3NabcDEF",
  object: "event",
  api_version: "2026-10-28.endive",
  created: NOW,
  data: { object: { ...paymentIntent, status: "succeeded" } },
  livemode: false,
  pending_webhooks: 2,
  request: { id: "req_NabcDEF", idempotency_key: "confirm:1" },
  type: "payment_intent.succeeded",
};
const payload = JSON.stringify(event);
const bytes = (text: string) => new TextEncoder().encode(text);

const sign = (secret: string, timestamp = NOW, text = payload) =>
  stripe.webhooks.generateTestHeaderString({ payload: text, secret, timestamp });

const verify = (header: string | null, { text = payload, secrets = [PLATFORM, CONNECT] } = {}) =>
  verifyEvent(stripe, bytes(text), header, secrets);

const signatureOf = (header: string) => header.slice(header.indexOf("v1=") + 3);

const refused = { name: "CheckoutError", code: "signature_invalid", status: 401 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a webhook that Stripe signed", () => {
  it("is the event that it carries", async () => {
    expect(await verify(sign(PLATFORM))).toEqual(event);
  });

  it.each([["the platform's endpoint", PLATFORM], ["the Connect endpoint", CONNECT]])(
    "may come from %s",
    async (_which, secret) => {
      expect(await verify(sign(secret))).toMatchObject({ id: "evt_3NabcDEF" });
    },
  );

  it("is good under the old secret and the new one while a secret is rotated", async () => {
    const both = `${sign(CONNECT)},v1=${signatureOf(sign(PLATFORM))}`;
    expect(await verify(both, { secrets: [PLATFORM] })).toMatchObject({ id: "evt_3NabcDEF" });
    expect(await verify(both, { secrets: [CONNECT] })).toMatchObject({ id: "evt_3NabcDEF" });
  });

  it.each([
    ["just now", 0],
    ["five minutes ago", 300],
    ["by a clock ahead of ours: only the secret's holder can have", -60],
  ])("is good when it was signed %s", async (_when, age) => {
    expect(await verify(sign(PLATFORM, NOW - age))).toMatchObject({ id: "evt_3NabcDEF" });
  });

  it("is read as the bytes that came, in any alphabet", async () => {
    const text = JSON.stringify({ ...event, note: "Zahlung über 29 € ✓ 🎉" });
    expect(await verify(sign(PLATFORM, NOW, text), { text })).toMatchObject({
      note: "Zahlung über 29 € ✓ 🎉",
    });
  });
});

describe("a webhook that Stripe did not sign", () => {
  const good = () => sign(PLATFORM);

  it.each<[string, string | null]>([
    ["no signature", null],
    ["an empty signature", ""],
    ["junk", "junk"],
    ["no time", `v1=${signatureOf(good())}`],
    ["a time that is none", `t=now,v1=${signatureOf(good())}`],
    ["no scheme", `t=${NOW}`],
    ["only a scheme that is not v1", good().replace("v1=", "v0=")],
    ["an empty v1", `t=${NOW},v1=`],
    ["a signature cut short", good().slice(0, -1)],
    ["a signature in capitals", `t=${NOW},v1=${signatureOf(good()).toUpperCase()}`],
    ["a signature changed by a digit", good().replace(/.$/, (last) => (last === "0" ? "1" : "0"))],
    ["a well-formed one by a forger's secret", sign(FORGER)],
    ["a well-formed one by the secret in capitals", sign(PLATFORM.toUpperCase())],
    ["a well-formed one by the secret without its prefix", sign(PLATFORM.replace("whsec_", ""))],
    ["a forger's ten signatures", `t=${NOW}${`,v1=${signatureOf(sign(FORGER))}`.repeat(10)}`],
    ["another body's", sign(PLATFORM, NOW, `${payload} `)],
    ["a later time than was signed", good().replace(`t=${NOW}`, `t=${NOW + 1}`)],
    ["signed five minutes and a second ago", sign(PLATFORM, NOW - 301)],
    ["signed a day ago: a replay", sign(PLATFORM, NOW - 86_400)],
    ["signed before there was time", sign(PLATFORM, 1)],
    ["an old one told as new", sign(PLATFORM, NOW - 86_400).replace(/^t=\d+/, `t=${NOW}`)],
  ])("is refused: %s", async (_what, header) => {
    await expect(verify(header)).rejects.toMatchObject(refused);
  });

  it.each([
    ["one letter more", `${payload}\n`],
    ["one letter less", payload.slice(0, -1)],
    ["an amount", payload.replace("2900", "1")],
    ["the mode", payload.replace('"livemode":false', '"livemode":true')],
    ["white space", JSON.stringify(event, null, 1)],
    ["nothing left", ""],
  ])("is refused where its body was changed: %s", async (_what, text) => {
    await expect(verify(sign(PLATFORM), { text })).rejects.toMatchObject(refused);
  });

  it.each([
    ["no JSON", "not json", "invalid_json"],
    ["no object", "null", "invalid_request"],
    ["no event", "{}", "invalid_request"],
    [
      "an event of no mode",
      '{"id":"evt_1","type":"a.b","livemode":[],"data":{"object":{}}}',
      "invalid_request",
    ],
    [
      "an event of a strange id",
      '{"id":"evt_1/../x","type":"a.b","livemode":false,"data":{"object":{}}}',
      "invalid_request",
    ],
  ])("is refused where its body is signed and is %s", async (_what, text, code) => {
    await expect(verify(sign(PLATFORM, NOW, text), { text })).rejects.toMatchObject({ code });
  });

  it("is refused where its bytes are no UTF-8, though the library reads them as what was signed", async () => {
    const text = JSON.stringify({ ...event, note: "\ufffd" });
    const sent = Buffer.from(text);
    const at = sent.indexOf("\ufffd");
    const body = Buffer.concat([sent.subarray(0, at), Buffer.of(0xff), sent.subarray(at + 3)]);
    await expect(verifyEvent(stripe, body, sign(PLATFORM, NOW, text), [PLATFORM]))
      .rejects.toMatchObject({ code: "invalid_json" });
  });

  it("says to the log of what kind the refusal was", async () => {
    await expect(verify(sign(FORGER))).rejects.toMatchObject({
      cause: { message: "StripeSignatureVerificationError" },
    });
  });

  it.each<[string, string[]]>([
    ["there is no secret", []],
    ["the secret is empty", [""]],
    ["the secret is blank", [" "]],
    ["the secrets are others", [CONNECT, FORGER]],
  ])("is refused where %s", async (_what, secrets) => {
    await expect(verify(sign(PLATFORM), { secrets })).rejects.toMatchObject(refused);
  });

  it("leaves no word of its body, its header or the secret in the error", async () => {
    const error: unknown = await verify(sign(FORGER)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CheckoutError);
    const shown = inspect(error, { depth: 10, showHidden: true });
    expect(shown).not.toMatch(/whsec_|v1=|evt_|secret_xYz|pi_3N/);
  });
});
