import { describe, expect, it } from "vitest";
import { errorResponse } from "../../../../shared/contract/error.ts";
import { errorTable } from "../../../../shared/contract/error-table.ts";
import { CheckoutError } from "../../../../shared/runtime/errors.ts";
import { errorCodes } from "../support/error-codes.ts";
import { failing, recorded } from "./recorded.ts";

const REQUEST_ID = /^req_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const errorOf = async (response: Response) => errorResponse.parse(await response.json()).error;

describe("an error of the table", () => {
  it.each(errorCodes)("%s has its status, its words and the contract's form", async (code) => {
    const { send } = recorded([failing(new CheckoutError(code))]);
    const response = await send("/fail/x", { method: "POST" });
    expect(response.status).toBe(errorTable[code].status);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("retry-after")).toBe(errorTable[code].retry ? "1" : null);
    const { requestId, ...error } = await errorOf(response);
    expect(requestId).toMatch(REQUEST_ID);
    expect(error).toEqual({ code, message: errorTable[code].message });
  });

  it("may have words and details of its own, but never its cause", async () => {
    const error = new CheckoutError("card_declined", {
      message: "Your card has expired.",
      details: { declineCode: "expired_card" },
      cause: new Error("inside story"),
    });
    const response = await recorded([failing(error)]).send("/fail/x", { method: "POST" });
    const text = await response.text();
    expect(errorResponse.parse(JSON.parse(text)).error).toMatchObject({
      message: "Your card has expired.",
      details: { declineCode: "expired_card" },
    });
    expect(text).not.toContain("inside story");
  });
});

describe("any other error", () => {
  it.each<[string, unknown]>([
    ["an error", new Error("inside story")],
    ["a type error", new TypeError("inside story")],
    [
      "an error with a status",
      Object.assign(new Error("inside story"), { status: 200, code: "x" }),
    ],
    ["what only looks like ours", {
      name: "CheckoutError",
      code: "card_declined",
      message: "inside story",
    }],
    ["a text", "inside story"],
    ["undefined", undefined],
    ["null", null],
    ["an error within", new Error("a", { cause: new Error("inside story") })],
  ])("is told as internal_error and nothing more: %s", async (_what, error) => {
    const { send, lines } = recorded([failing(error)]);
    const response = await send("/fail/x", { method: "POST" });
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(errorResponse.parse(JSON.parse(text)).error).toMatchObject({
      code: "internal_error",
      message: errorTable.internal_error.message,
    });
    expect(text).not.toContain("inside");
    expect(text).not.toContain("stack");
    expect(lines()[0]).toMatchObject({
      level: "error",
      message: "refused",
      code: "internal_error",
    });
  });

  it("thrown before there is a promise is told likewise", async () => {
    const throwing = {
      method: "GET",
      path: "/throw",
      handle: () => {
        throw new Error("inside story");
      },
    } as const;
    const response = await recorded([throwing]).send("/throw");
    expect(await errorOf(response)).toMatchObject({ code: "internal_error" });
  });
});
