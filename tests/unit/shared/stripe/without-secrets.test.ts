import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withoutSecrets } from "../../../../shared/stripe/webhook.ts";
import { declinedIntent, paymentIntent } from "./answers.ts";
import { growth, QUADRATIC } from "../../../support/effort.ts";

const SECRET = "pi_3NabcDEF_secret_xYz123";

describe("an event as it is kept", () => {
  it.each<[string, unknown]>([
    ["at the top", { client_secret: SECRET }],
    ["in the event's object", { data: { object: paymentIntent } }],
    ["in what the object was", { data: { previous_attributes: { client_secret: SECRET } } }],
    ["in an error's intent", {
      data: { object: { last_payment_error: { payment_intent: paymentIntent } } },
    }],
    ["in a list", { data: { object: { payments: { data: [{ payment: paymentIntent }] } } } }],
    ["in a list of lists", [[[{ client_secret: SECRET }]]]],
    ["an invoice's", {
      data: { object: { confirmation_secret: { type: "payment_intent", client_secret: SECRET } } },
    }],
    ["as an object", { client_secret: { value: SECRET } }],
  ])("has no client secret: %s", (_where, value) => {
    const kept = JSON.stringify(withoutSecrets(value));
    expect(kept).not.toContain("client_secret");
    expect(kept).not.toContain("xYz123");
  });

  it.each<[string, unknown]>([
    ["an invoice's page", { data: { object: { hosted_invoice_url: "https://page.example/1" } } }],
    ["an invoice as a file", { data: { object: { invoice_pdf: "https://page.example/1" } } }],
    ["a credit note as a file", { data: { object: { pdf: "https://page.example/1" } } }],
    ["a receipt", { data: { object: { charges: [{ receipt_url: "https://page.example/1" }] } } }],
    ["a transfer's instructions", {
      next_action: { x: { hosted_instructions_url: "https://page.example/1" } },
    }],
    ["a voucher", { next_action: { x: { hosted_voucher_url: "https://page.example/1" } } }],
    ["as it was before", {
      data: { previous_attributes: { hosted_invoice_url: "https://page.example/1" } },
    }],
  ])("has no address that opens to whoever has it: %s", (_where, value) => {
    expect(JSON.stringify(withoutSecrets(value))).not.toContain("page.example");
  });

  it.each(["url", "success_url", "doc_url", "pdf_count", "receipt_email", "receipt_number"])(
    "keeps %s, which opens nothing",
    (key) => expect(withoutSecrets({ [key]: "kept" })).toEqual({ [key]: "kept" }),
  );

  it("has all else, as it was", () => {
    const { client_secret: _secret, ...rest } = declinedIntent;
    const event = {
      id: "evt_1",
      type: "payment_intent.payment_failed",
      data: { object: declinedIntent },
    };
    expect(withoutSecrets(event)).toEqual({ ...event, data: { object: rest } });
  });

  it.each([null, true, false, 0, -1.5, "", "text", [], {}, [null], { a: null }])(
    "keeps every kind of JSON: %j",
    (value) => expect(withoutSecrets(value)).toEqual(value),
  );

  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["a function", () => SECRET],
    ["a symbol", Symbol("x")],
    ["a bigint", 10n],
  ])("has null for what is no JSON: %s", (_what, value) => {
    expect(withoutSecrets({ value })).toEqual({ value: null });
  });

  it.each(["a", "a_", "pi_a_secret", "pi_a_secret_"])(
    "is made in no quadratic time of a long text: %s, again and again",
    (part) => {
      const text = part.repeat(Math.ceil(2_000 / part.length));
      expect(growth(text, (evidence) => withoutSecrets({ evidence }))).toBeLessThan(QUADRATIC);
    },
  );

  it.each([
    [
      "a client secret inside an address",
      `https://bank.example/${SECRET}?x=1`,
      "https://bank.example/[removed]?x=1",
    ],
    ["two of them", `${SECRET} ${SECRET}`, "[removed] [removed]"],
    ["what Postgres cannot store", "a\0b\ud800c", "a\ufffdb\ufffdc"],
  ])("says that something stood there: %s", (_what, text, kept) => {
    expect(withoutSecrets({ text })).toEqual({ text: kept });
  });

  it("does not change the event that is worked on", () => {
    const event = { data: { object: structuredClone(paymentIntent) } };
    withoutSecrets(event);
    expect(event.data.object).toEqual(paymentIntent);
  });

  it("cannot be made to change an object's prototype", () => {
    const hostile: unknown = JSON.parse('{"__proto__":{"polluted":true},"a":1}');
    const kept = withoutSecrets(hostile);
    expect(JSON.stringify(kept)).toBe('{"__proto__":{"polluted":true},"a":1}');
    expect({}).not.toHaveProperty("polluted");
  });
});

it("any JSON loses its client secrets and nothing else", () => {
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom("id", "data", "object", "client_secret"), tie("value")),
    ),
  }));
  fc.assert(fc.property(value, (event) => {
    const expected = JSON.stringify(
      event,
      (key, part: unknown) => key === "client_secret" ? undefined : part,
    );
    expect(JSON.stringify(withoutSecrets(event))).toBe(expected);
  }));
});
