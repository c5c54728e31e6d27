import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { paymentFailure } from "../../../shared/domain/declines.ts";
import { errorTable } from "../../../shared/contract/error-table.ts";

const GENERIC = errorTable.card_declined.message;

/** As Stripe's API error and an intent's `last_payment_error` report a declined card. */
const declined = (declineCode: string) =>
  paymentFailure({ type: "card_error", code: "card_declined", decline_code: declineCode });

/** The table "Declined payments" of https://docs.stripe.com/testing, row by row. */
describe("a card of Stripe's table of declines", () => {
  it.each([
    ["4000000000000002", "card_declined", "generic_decline", /try another card/],
    ["4000000000009995", "card_declined", "insufficient_funds", /insufficient funds/],
    [
      "4000000000009987",
      "card_declined",
      "lost_card",
      /^Your card was declined\. Please try another card\.$/,
    ],
    [
      "4000000000009979",
      "card_declined",
      "stolen_card",
      /^Your card was declined\. Please try another card\.$/,
    ],
    ["4000000000000069", "expired_card", "expired_card", /expired/],
    ["4000000000000127", "incorrect_cvc", "incorrect_cvc", /security code/],
    ["4000000000000119", "processing_error", "processing_error", /try again/],
    ["4242424242424241", "incorrect_number", undefined, /card number/],
    ["4000000000006975", "card_declined", "card_velocity_exceeded", /limit/],
    [
      "4100000000000019",
      "card_declined",
      "fraudulent",
      /^Your card was declined\. Please try another card\.$/,
    ],
  ])(
    "%s (%s, %s) is told as a declined card with its code",
    (_number, code, declineCode, message) => {
      const failure = paymentFailure({ type: "card_error", code, decline_code: declineCode });
      expect(failure.code).toBe("card_declined");
      expect(failure.declineCode).toBe(declineCode ?? code);
      expect(failure.message).toMatch(message);
    },
  );
});

/** https://docs.stripe.com/declines/codes, but for the codes of card readers. */
const codes = {
  told: [
    "approve_with_id",
    "authentication_required",
    "card_not_supported",
    "card_velocity_exceeded",
    "currency_not_supported",
    "expired_card",
    "incorrect_cvc",
    "incorrect_number",
    "incorrect_zip",
    "insufficient_funds",
    "invalid_cvc",
    "invalid_expiry_month",
    "invalid_expiry_year",
    "issuer_not_available",
    "processing_error",
    "reenter_transaction",
    "try_again_later",
    "withdrawal_count_limit_exceeded",
  ],
  unexplained: [
    "call_issuer",
    "do_not_honor",
    "do_not_try_again",
    "duplicate_transaction",
    "generic_decline",
    "invalid_account",
    "invalid_amount",
    "new_account_information_available",
    "no_action_taken",
    "not_permitted",
    "restricted_card",
    "revocation_of_all_authorizations",
    "revocation_of_authorization",
    "service_not_allowed",
    "stop_payment_order",
    "testmode_decline",
    "transaction_not_allowed",
  ],
  fraud: [
    "fraudulent",
    "highest_risk_level",
    "lost_card",
    "merchant_blacklist",
    "pickup_card",
    "security_violation",
    "stolen_card",
  ],
} as const;

describe("a decline code", () => {
  it.each([...codes.told, ...codes.unexplained, ...codes.fraud])(
    "%s keeps its name and has a sentence for the customer",
    (code) => {
      const failure = declined(code);
      expect(failure).toMatchObject({ code: "card_declined", declineCode: code });
      expect(failure.message).toMatch(/^[A-Z].*\.$/);
      expect(failure.message).not.toContain("_");
    },
  );

  it.each(codes.told)("%s tells the customer what to do", (code) => {
    expect(declined(code).message).not.toBe(GENERIC);
  });

  it.each(codes.fraud)("%s reads like all other declines: a thief learns nothing", (code) => {
    expect(declined(code).message).toBe(declined("generic_decline").message);
  });

  it.each(["a\nb", "not_yet_known"])(
    "%j, which Stripe does not have, reads like all other declines",
    (code) => {
      expect(declined(code)).toEqual({
        code: "card_declined",
        declineCode: code,
        message: GENERIC,
      });
    },
  );
});

describe("a refusal without a decline code", () => {
  it("goes by Stripe's error code", () => {
    expect(paymentFailure({ type: "card_error", code: "expired_card" }))
      .toEqual(declined("expired_card"));
  });

  it("goes by it also where stripe-node writes an empty one", () => {
    expect(paymentFailure({ type: "card_error", code: "expired_card", decline_code: "" }))
      .toEqual(declined("expired_card"));
  });

  it("is a generic decline where Stripe gives no reason at all", () => {
    expect(paymentFailure({})).toEqual(declined("generic_decline"));
    expect(paymentFailure({ type: "card_error", code: undefined, decline_code: undefined }))
      .toEqual(declined("generic_decline"));
  });
});

describe("a failed authentication", () => {
  it.each(["card_error", "invalid_request_error", undefined])(
    "is told as such, whatever type Stripe gives it: %s",
    (type) => {
      const code = "payment_intent_authentication_failure";
      expect(paymentFailure({ type, code })).toEqual({
        code: "authentication_failed",
        declineCode: code,
        message: errorTable.authentication_failed.message,
      });
    },
  );

  it("is told as such of a card that was to be set up, too", () => {
    expect(paymentFailure({ code: "setup_intent_authentication_failure" }))
      .toMatchObject({ code: "authentication_failed" });
  });

  it("is not the bank's wish to authenticate, which another try can grant", () => {
    expect(declined("authentication_required").code).toBe("card_declined");
  });
});

describe("a payment that failed otherwise", () => {
  it.each([
    ["a debit refused", "invalid_request_error", "debit_not_authorized", undefined, undefined],
    [
      "a debit returned",
      "card_error",
      "payment_intent_payment_attempt_failed",
      "insufficient_funds",
      "us_bank_account",
    ],
    ["a debit returned without a reason", "card_error", undefined, undefined, "sepa_debit"],
    ["a fault at Stripe", "api_error", undefined, undefined, "card"],
  ])("does not speak of a card: %s", (_what, type, code, declineCode, method) => {
    const failure = paymentFailure({
      type,
      code,
      decline_code: declineCode,
      payment_method: method === undefined ? undefined : { type: method },
    });
    expect(failure).toEqual({
      code: "payment_failed",
      declineCode: declineCode ?? code ?? "generic_decline",
      message: errorTable.payment_failed.message,
    });
  });

  it("is a card's where the method is said to be one", () => {
    const refusal = { type: "card_error", code: "card_declined", decline_code: "expired_card" };
    expect(paymentFailure({ ...refusal, payment_method: { type: "card" } }))
      .toEqual(declined("expired_card"));
  });
});

it("every refusal has a code of the error table, told with 402", () => {
  const word = fc.option(fc.string(), { nil: undefined });
  const type = fc.option(fc.constantFrom("card_error", "api_error", "x"), { nil: undefined });
  fc.assert(fc.property(fc.record({ type, code: word, decline_code: word }), (refusal) => {
    expect(errorTable[paymentFailure(refusal).code].status).toBe(402);
  }));
});
