import { expect, it } from "vitest";
import { paymentFailure } from "../../../shared/domain/declines.ts";
it.each(["constructor", "__proto__", "toString", "hasOwnProperty"])(
  "a decline code %s has a sentence",
  (code) => {
    expect(
      paymentFailure({ type: "card_error", code: "card_declined", decline_code: code }).message,
    ).toBeTypeOf("string");
  },
);
