import { CheckoutError, createCheckoutClient } from "@billingos/checkout";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { json, serve, tokenOf } from "./local-server.ts";

const takesAny = () => serve((response) => json(response, 200, { entitlements: [] }));

/** As JavaScript has it, of which no type is known. */
const untyped = z.custom<string>(() => true);

const silent = () => new Promise<string>(() => undefined);

const html = "<html>\n<body>502 Bad Gateway</body>\n</html>\n";
const whole = JSON.stringify({ sessionToken: "bos_session_test_1", tokenId: "t", expiresAt: "" });

describe("what is answered in the place of a token", () => {
  it.each([
    ["a gateway's page", html],
    ["all that the service answered to the merchant", whole],
    ["two words", "Not found"],
    ["a line break within", "bos_session\ntest"],
    ["letters that no header takes", "жетон"],
    ["an object", { sessionToken: "bos_session_test_1" }],
    ["a number", 7],
  ])("is not sent and not kept, but told as an error that may pass: %s", async (_, first) => {
    const { functionsUrl, received } = await takesAny();
    const answers = [untyped.parse(first), "good"];
    const client = createCheckoutClient({
      functionsUrl,
      getSessionToken: () => answers.shift() ?? null,
    });
    const error: unknown = await client.entitlements().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CheckoutError);
    expect(error).toMatchObject({
      code: "unexpected_answer",
      retryable: true,
      cause: {
        message:
          "a session token is the bare text that createSessionToken answers as `sessionToken`",
      },
    });
    expect(String(error)).not.toContain("bos_session");
    expect(received).toEqual([]);
    await client.entitlements();
    expect(received.map(tokenOf)).toEqual(["good"]);
  });

  it("is a token also with a line break behind it, and nobody where it is empty", async () => {
    const { functionsUrl, received } = await takesAny();
    const call = (token: string) =>
      createCheckoutClient({ functionsUrl, getSessionToken: () => token }).entitlements();
    await call("good\n");
    await expect(call("")).rejects.toMatchObject({ code: "session_token_invalid" });
    expect(received.map(tokenOf)).toEqual(["good"]);
  });
});

describe("a question for a token that is never answered", () => {
  it("ends when the call is given up, with the page's own reason", async () => {
    const { functionsUrl } = await takesAny();
    const leave = new AbortController();
    const reason = new Error("the page was left");
    const client = createCheckoutClient({
      functionsUrl,
      getSessionToken: () => {
        leave.abort(reason);
        return silent();
      },
    });
    await expect(client.entitlements({ signal: leave.signal })).rejects.toBe(reason);
  });

  it("is given up in time, and asked again by the next call", async () => {
    const { functionsUrl } = await takesAny();
    const questions = [silent, () => Promise.resolve("good")];
    const client = createCheckoutClient({
      functionsUrl,
      timeout: 1_000,
      getSessionToken: () => questions.shift()?.() ?? null,
    });
    await expect(client.entitlements()).rejects.toMatchObject({
      code: "network_error",
      cause: { name: "TimeoutError" },
    });
    expect(await client.entitlements()).toEqual({ entitlements: [] });
  });

  it("does not keep a call that was given up before it", async () => {
    const { functionsUrl } = await takesAny();
    let asked = 0;
    const client = createCheckoutClient({
      functionsUrl,
      getSessionToken: () => {
        asked += 1;
        return silent();
      },
    });
    const reason = new Error("never mind");
    await expect(client.entitlements({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(asked).toBe(0);
  });
});
