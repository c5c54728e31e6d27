import * as entry from "@billingos/checkout";
import { describe, expect, it } from "vitest";
import { errorTable } from "../../../shared/contract/error-table.ts";
import { refuse, serve } from "./local-server.ts";

const classes: Readonly<Record<number, string>> = {
  400: "InvalidRequestError",
  401: "UnauthorizedError",
  402: "PaymentError",
  403: "ForbiddenError",
  404: "NotFoundError",
  405: "InvalidRequestError",
  409: "ConflictError",
  410: "ExpiredError",
  413: "InvalidRequestError",
  415: "InvalidRequestError",
  429: "RateLimitedError",
  500: "ServiceError",
  503: "ServiceError",
};

async function failure(call: Promise<unknown>): Promise<entry.CheckoutError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof entry.CheckoutError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

describe("a refusal by the service", () => {
  it.each(Object.entries(errorTable))(
    "%s is of the class of its status, and may be repeated as the table says",
    async (code, { status, retry }) => {
      const { functionsUrl } = await serve((response) =>
        refuse(response, status, code, { why: "here" })
      );
      const error = await failure(entry.createCheckoutClient({ functionsUrl }).status("s"));
      expect(error.name).toBe(classes[status]);
      expect(error.constructor).toBe(
        Object.entries(entry).find(([name]) => name === error.name)?.[1],
      );
      expect(error).toMatchObject({
        code,
        status,
        message: `${code}.`,
        requestId: "r-1",
        details: { why: "here" },
        retryable: retry,
      });
    },
  );

  it("of a card tells the bank's word", async () => {
    const { functionsUrl } = await serve((response) =>
      refuse(response, 402, "card_declined", { declineCode: "insufficient_funds" })
    );
    const client = entry.createCheckoutClient({ functionsUrl });
    const error = await failure(
      client.confirm({ clientSecret: "pi_1_secret_1", paymentMethodId: "pm_1" }),
    );
    expect(error instanceof entry.PaymentError && error.declineCode).toBe("insufficient_funds");
  });
});
