import { CheckoutError, createCheckoutClient, type CreateInput } from "@billingos/checkout";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import * as z from "zod";
import { type Answer, json, refuse, serve } from "./local-server.ts";

const page = "<html><body>Bad gateway</body></html>";
const plain = (status: number, body: string): Answer => (response) => {
  response.writeHead(status, { "content-type": "text/html" }).end(body);
};

async function asked(answer: Answer): Promise<unknown> {
  const { functionsUrl } = await serve(answer);
  return createCheckoutClient({ functionsUrl, sessionToken: "t", timeout: 5_000 }).entitlements()
    .catch((error: unknown) => error);
}

describe("an answer that is not the service's", () => {
  it.each<[string, Answer, string, string, number]>([
    ["a gateway's page", plain(502, page), "ServiceError", "unknown_error", 502],
    [
      "a gateway's page that says nothing is there",
      plain(404, page),
      "NotFoundError",
      "unknown_error",
      404,
    ],
    ["a status that no table has", plain(418, ""), "CheckoutError", "unknown_error", 418],
    [
      "a refusal of another form",
      (r) => json(r, 400, { message: "no" }),
      "InvalidRequestError",
      "unknown_error",
      400,
    ],
    [
      "a refusal with a code that is none",
      (r) => json(r, 400, { error: { code: 7 } }),
      "InvalidRequestError",
      "unknown_error",
      400,
    ],
    ["a page with status 200", plain(200, page), "UnexpectedAnswerError", "unexpected_answer", 200],
    [
      "JSON that breaks off",
      plain(200, `{"entitlements": [`),
      "UnexpectedAnswerError",
      "unexpected_answer",
      200,
    ],
    ["nothing, with status 204", plain(204, ""), "UnexpectedAnswerError", "unexpected_answer", 204],
    [
      "JSON that is no object",
      (r) => json(r, 200, null),
      "UnexpectedAnswerError",
      "unexpected_answer",
      200,
    ],
    [
      "an object that is another's",
      (r) => json(r, 200, { ok: true }),
      "UnexpectedAnswerError",
      "unexpected_answer",
      200,
    ],
    ["a list", (r) => json(r, 200, []), "UnexpectedAnswerError", "unexpected_answer", 200],
    ["a connection that is cut at once", (r) => r.destroy(), "NetworkError", "network_error", 0],
    [
      "a body that is cut in the midst",
      (r) => {
        r.writeHead(200, { "content-length": "100" });
        r.write("{", () => r.destroy());
      },
      "NetworkError",
      "network_error",
      0,
    ],
  ])("%s is told as an error of its own", async (_, answer, name, code, status) => {
    const error = await asked(answer);
    expect(error).toBeInstanceOf(CheckoutError);
    expect(error).toMatchObject({ name, code, status });
  });

  it("shows none of a gateway's page", async () => {
    const error = await asked(plain(502, page));
    expect(String(error)).not.toContain("Bad gateway");
  });
});

describe("a snapshot that is not one", () => {
  const id = "5f1e8f9e-0000-4000-8000-000000000000";
  it.each([
    ["of another session", { id: "other", version: 1, status: "pending" }],
    ["without a version", { id, status: "pending" }],
    ["with a version that is no number", { id, version: "9", status: "succeeded" }],
    ["with a status that nobody knows", { id, version: 1, status: "constructor" }],
  ])("%s is refused", async (_, body) => {
    const { functionsUrl } = await serve((response) => json(response, 200, body));
    await expect(createCheckoutClient({ functionsUrl }).status(id)).rejects.toMatchObject({
      code: "unexpected_answer",
    });
  });
});

describe("a call", () => {
  it("that is never answered is given up as a failure of the network", async () => {
    const { functionsUrl } = await serve(() => undefined);
    const client = createCheckoutClient({ functionsUrl, timeout: 50 });
    await expect(client.status("s")).rejects.toMatchObject({
      code: "network_error",
      cause: { name: "TimeoutError" },
    });
  });

  it("that the page gives up throws the page's own reason", async () => {
    const reason = new Error("the page was left");
    const leave = new AbortController();
    const { functionsUrl } = await serve(() => leave.abort(reason));
    const client = createCheckoutClient({ functionsUrl });
    await expect(client.status("s", { signal: leave.signal })).rejects.toBe(reason);
  });

  it("is made, given up and ended in time also where a browser cannot combine signals", async () => {
    const isSilent = new Set(["/checkout-status/silent"]);
    const { functionsUrl } = await serve((response, { url }) =>
      isSilent.has(url) || json(response, 200, { id: "s", version: 1, status: "pending" })
    );
    vi.stubGlobal("AbortSignal", { any: undefined, timeout: undefined });
    onTestFinished(() => {
      vi.unstubAllGlobals();
    });
    const client = createCheckoutClient({ functionsUrl });
    const leave = new AbortController();
    expect(await client.status("s", { signal: leave.signal })).toMatchObject({ version: 1 });
    const hasty = createCheckoutClient({ functionsUrl, timeout: 50 });
    await expect(hasty.status("silent", { signal: leave.signal })).rejects
      .toMatchObject({ cause: { name: "TimeoutError" } });
    leave.abort("left");
    await expect(client.status("s", { signal: leave.signal })).rejects.toBe("left");
  });

  it.each([
    ["with a key that no header takes", { priceId: "p" }, "ключ"],
    ["with a body that is no JSON", { priceId: "p", metadata: { big: 1n } }, undefined],
  ])("%s is the page's own fault, and not the network's", async (_, input, idempotencyKey) => {
    const { functionsUrl, received } = await serve((response) => refuse(response, 500, "no"));
    const client = createCheckoutClient({ functionsUrl, sessionToken: "t" });
    // As JavaScript calls it, of which no type is known.
    const untyped = z.custom<CreateInput>(() => true).parse(input);
    await expect(client.create(untyped, { idempotencyKey })).rejects.toMatchObject({
      name: "InvalidRequestError",
      retryable: false,
      cause: { name: "TypeError" },
    });
    expect(received).toEqual([]);
  });

  it("goes to the same address also where the base ends in a slash", async () => {
    const { functionsUrl, received } = await serve((response) => refuse(response, 404, "no"));
    await createCheckoutClient({ functionsUrl: `${functionsUrl}/` }).status("s").catch(() => 0);
    expect(received.map(({ url }) => url)).toEqual(["/checkout-status/s"]);
  });

  it.each([["7", 7], ["0", 0], ["soon", undefined]])(
    "that is refused for now tells of `Retry-After: %s` how many seconds",
    async (header, seconds) => {
      const { functionsUrl } = await serve((response) => {
        response.setHeader("retry-after", header);
        refuse(response, 429, "rate_limited");
      });
      await expect(createCheckoutClient({ functionsUrl }).status("s")).rejects.toMatchObject({
        name: "RateLimitedError",
        retryAfter: seconds,
      });
    },
  );

  it("reads a date in Retry-After", async () => {
    const { functionsUrl } = await serve((response) => {
      response.setHeader("retry-after", new Date(Date.now() + 3_600_000).toUTCString());
      refuse(response, 429, "rate_limited");
    });
    const error: unknown = await createCheckoutClient({ functionsUrl }).status("s")
      .catch((thrown: unknown) => thrown);
    const seconds = error instanceof CheckoutError ? error.retryAfter : undefined;
    expect(seconds).toBeGreaterThan(3_500);
    expect(seconds).toBeLessThanOrEqual(3_600);
  });

  it("carries a name into no other part of the address", async () => {
    const { functionsUrl, received } = await serve((response) => refuse(response, 403, "no"));
    const client = createCheckoutClient({ functionsUrl, sessionToken: "t" });
    await Promise.allSettled([
      client.check("a&b=c#d"),
      client.products({ planIds: ["a", "b&c"] }),
      client.cancel("../../session-tokens"),
    ]);
    expect(received.map(({ url }) => url).toSorted((a, b) => a < b ? -1 : 1)).toEqual([
      "/checkout-cancel/..%2F..%2Fsession-tokens",
      "/features/check?feature_key=a%26b%3Dc%23d",
      "/products?planIds=a%2Cb%26c",
    ]);
  });

  it("shows the client secret in the body alone, and no token with it", async () => {
    const { functionsUrl, received } = await serve((response) => refuse(response, 409, "no"));
    const client = createCheckoutClient({ functionsUrl, sessionToken: "t" });
    await client.confirm({ clientSecret: "pi_1_secret_2", paymentMethodId: "pm_1" })
      .catch(() => undefined);
    const [request] = received;
    expect(`${request?.url} ${JSON.stringify(request?.headers)}`).not.toMatch(/secret_2|Bearer/);
    expect(request?.body).toContain("pi_1_secret_2");
  });
});
