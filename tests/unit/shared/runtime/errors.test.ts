import { describe, expect, it } from "vitest";
import { errorTable } from "../../../../shared/contract/error-table.ts";
import { CheckoutError } from "../../../../shared/runtime/errors.ts";
import { errorCodes as codes } from "../support/error-codes.ts";

describe.each(codes)("%s", (code) => {
  const { status, retry, message } = errorTable[code];

  it("is written as a code", () => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
  });

  it("has a status of the contract", () => {
    expect([400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 429, 500, 503]).toContain(status);
  });

  it("is told in whole sentences that name nothing inside", () => {
    expect(message).toMatch(/^[A-Z].*\.$/);
    expect(message).not.toMatch(
      /supabase|postgres|database|sql|undefined/i,
    );
  });

  it("is worth another try only where the fault is ours or passes by itself", () => {
    const passing = ["change_in_progress", "event_in_work", "rate_limited"];
    expect(retry && status < 500 && !passing.includes(code)).toBe(false);
  });

  it("is what an error of it says", () => {
    const error = new CheckoutError(code);
    expect(error).toMatchObject({
      name: "CheckoutError",
      code,
      status,
      message,
      details: undefined,
    });
    expect(error.cause).toBeUndefined();
  });
});

it.each(
  [
    "event_in_work",
    "internal_error",
    "stripe_unavailable",
    "database_unavailable",
  ] as const,
)("%s may be tried again", (code) => expect(errorTable[code].retry).toBe(true));

it.each(
  [
    ["card_declined", 402],
    ["authentication_failed", 402],
    ["payment_failed", 402],
    ["session_expired", 410],
    ["body_too_large", 413],
    ["content_type_unsupported", 415],
    ["api_key_invalid", 401],
    ["session_token_invalid", 401],
    ["client_secret_invalid", 401],
    ["signature_invalid", 401],
    ["operation_not_allowed", 403],
    ["already_subscribed", 409],
    ["idempotency_mismatch", 409],
  ] as const,
)("%s is told with %i, as the contract says", (code, status) => {
  expect(errorTable[code].status).toBe(status);
});
