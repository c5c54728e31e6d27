import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { openShop, refusal, type Shop } from "../../support/shop.ts";
import { stack } from "../../support/stack.ts";
import { emailForm, exactly, found, secretForms } from "../hygiene/search.ts";

// The page itself, which Vite builds, is asked for in start.test.ts.
const url = stack().exampleUrl ?? "";
const { host, origin } = new URL(url);
let shop: Shop;
beforeAll(async () => {
  shop = await openShop(stack());
});
afterAll(() => shop.close());

/** As a program asks, which may say of itself whatever it likes. */
async function ask(
  path: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  } = {},
): Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }> {
  const { method = "GET", headers = {}, body = "" } = options;
  return new Promise((resolve, reject) => {
    const asking = request(`${url}${path}`, { method, headers }, (response) => {
      const { statusCode: status = 0, headers: told } = response;
      text(response).then((read) => resolve({ status, body: read, headers: told }), reject);
    });
    asking.on("error", reject);
    asking.end(body);
  });
}

const tokenAsked = {
  method: "POST",
  headers: { "content-type": "application/json", origin, "sec-fetch-site": "same-origin" },
  body: JSON.stringify({ externalUserId: "somebody" }),
};

/** The page's own headers but for what is forged. */
const hostile = (forged: Readonly<Record<string, string>>) => ({
  ...tokenAsked.headers,
  ...forged,
});

describe("the example's page", () => {
  it("is told where the project is, and no secret", async () => {
    const { status, body } = await ask("/config.json");
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({
      functionsUrl: stack().functionsUrl,
      supabaseUrl: stack().apiUrl,
      supabasePublishableKey: stack().publishableKey,
      sessionTokenUrl: "/api/session-token",
      developerUrl: "/developer",
      testCards: true,
    });
    expect(found([["config.json", body]], secretForms)).toEqual([]);
  });

  it("is on another origin than the project, and gets a token that the functions take", async () => {
    expect(origin).not.toBe(new URL(stack().apiUrl).origin);
    const { status, body } = await ask("/api/session-token", tokenAsked);
    expect(status).toBe(200);
    const { sessionToken } = z.object({ sessionToken: z.string() }).parse(JSON.parse(body));
    await expect(shop.client.products(sessionToken)).resolves.toHaveProperty("products");
  });

  it.each<[string, number, Partial<typeof tokenAsked>]>([
    ["a page of another origin", 403, {
      headers: hostile({ origin: "https://evil.example" }),
    }],
    ["a page that hides its origin", 403, { headers: hostile({ origin: "null" }) }],
    ["a page of another port of this machine", 403, {
      headers: hostile({ origin: stack().apiUrl }),
    }],
    ["a page of the same site and another origin", 403, {
      headers: hostile({ "sec-fetch-site": "same-site" }),
    }],
    ["a page whose name leads here", 403, {
      headers: hostile({ host: "evil.example", origin: "http://evil.example" }),
    }],
    ["the right name with another port", 403, {
      headers: hostile({ host: "127.0.0.1:1" }),
    }],
    ["a form", 415, {
      headers: hostile({ "content-type": "text/plain" }),
    }],
    ["a link", 405, { method: "GET", body: "" }],
    ["no JSON", 400, { body: "{" }],
    ["no user", 400, { body: "{}" }],
    ["a user that is none", 400, { body: `{"externalUserId": 1}` }],
    ["a name without end", 400, { body: JSON.stringify({ externalUserId: "a".repeat(5_000) }) }],
    ["a name that the functions refuse", 400, {
      body: JSON.stringify({ externalUserId: "a".repeat(4_000) }),
    }],
  ])("gives no token to %s", async (_, status, changed) => {
    const told = await ask("/api/session-token", { ...tokenAsked, ...changed });
    expect(told.status).toBe(status);
    expect(told.body).not.toContain("bos_session_");
    expect(told.headers).not.toHaveProperty("access-control-allow-origin");
  });

  it.each(["/config.json", "/developer/sessions/0b500000-0000-4000-8000-0000000000f1"])(
    "shows nothing of %s to a page of another origin",
    async (path) => {
      for (
        const headers of [
          { origin: "https://evil.example" },
          { "sec-fetch-site": "cross-site" },
          { host: "evil.example" },
        ]
      ) expect((await ask(path, { headers })).status).toBe(403);
    },
  );

  it("is not shown under a name that is not its own", async () => {
    expect((await ask("/", { headers: { host: "evil.example" } })).status).toBe(403);
  });

  it("is called by its other name too", async () => {
    const { port } = new URL(url);
    const headers = hostile({ host: `localhost:${port}`, origin: `http://localhost:${port}` });
    const told = await ask("/api/session-token", {
      ...tokenAsked,
      headers,
    });
    expect(told.status).toBe(200);
    expect(host).toBe(`127.0.0.1:${port}`);
  });
});

const feed = z.object({
  status: z.string().nullable(),
  entries: z.array(
    z.object({ at: z.iso.datetime(), lane: z.string(), from: z.string(), what: z.string() }),
  ),
});
type Feed = z.infer<typeof feed>;

/** What a stream tells, one by one, as an EventSource reads it. */
async function* messagesOf(path: string, signal: AbortSignal): AsyncGenerator<Feed> {
  const headers = { accept: "text/event-stream" };
  const response = await fetch(`${url}${path}`, { headers, signal });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  let rest = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const messages = (rest + chunk).split("\n\n");
    rest = messages.pop() ?? "";
    for (const message of messages) {
      yield feed.parse(JSON.parse(message.replace(/^data: /, "")));
    }
  }
}

describe("the developer's feed of a session", () => {
  it("tells as it happens: HTTP, the intent, webhooks, Realtime and rows, and no secret", async () => {
    const email = `private.person.${randomUUID().slice(0, 8)}@example.com`;
    const session = await shop.create({ email });
    const leave = new AbortController();
    const texts: string[] = [];
    let last: Feed = { status: null, entries: [] };
    const reading = (async () => {
      for await (const each of messagesOf(`/developer/sessions/${session.id}`, leave.signal)) {
        last = each;
        texts.push(JSON.stringify(each));
      }
    })().catch(() => undefined);
    const tells = (lane: string, wanted: RegExp) => {
      const said = () =>
        last.entries.filter((each) => each.lane === lane)
          .map(({ from, what }) => `${from}: ${what}`).join("\n");
      return expect.poll(said, { timeout: 180_000 }).toMatch(wanted);
    };
    const { paymentIntentId } = session;
    await tells("http", /^checkout-create: POST \/checkout-create 201 in \d+ ms/m);
    await tells("stripe", new RegExp(`^intent: ${paymentIntentId} requires_payment_method$`, "m"));
    await refusal(shop.pay(session, "pm_card_visa_chargeDeclinedInsufficientFunds"));
    await tells("http", /^checkout-confirm: refused .*code=card_declined$/m);
    await tells("http", /^checkout-confirm: POST \/checkout-confirm 402 in \d+ ms/m);
    await tells("stripe", /last card refused: insufficient_funds$/m);
    await tells("row", /^attempt: attempt 1 failed: card_declined, insufficient_funds$/m);
    await shop.pay(session);
    await tells("http", /^checkout-confirm: POST \/checkout-confirm 200 in \d+ ms/m);
    await tells("http", /^stripe-webhook: POST \/stripe-webhook 200 in \d+ ms/m);
    await tells("stripe", new RegExp(`^intent: ${paymentIntentId} succeeded$`, "m"));
    await tells("webhook", /^delivery: payment_intent\.succeeded evt_\w+ answered 200$/m);
    await tells("webhook", /^inbox: payment_intent\.succeeded evt_\w+ received/m);
    await tells("realtime", /^checkout\.updated: version \d+: succeeded$/m);
    await tells("row", /^grant: granted: pro-1, pro-2$/m);
    expect(last.status).toBe("succeeded");
    leave.abort();
    await reading;

    const secrets = [
      ...secretForms,
      emailForm,
      exactly("the client secret", session.clientSecret),
      exactly("the organization's key", shop.organizationKey),
      exactly("the project's secret key", stack().secretKey),
      exactly("Stripe's secret key", stack().stripeSecretKey),
    ];
    expect(found(texts.map((each, index) => [`message ${index}`, each]), secrets)).toEqual([]);
  });

  it("tells of a delivery that was lost", async () => {
    const fault = await shop.admin("POST", "/faults", {
      kind: "webhook_drop",
      type: "payment_intent.succeeded",
    });
    const session = await shop.create();
    await shop.pay(session);
    const { body } = await ask(`/developer/sessions/${session.id}`);
    const { id } = z.object({ id: z.string() }).parse(fault);
    const lost = feed.parse(JSON.parse(body)).entries.map(({ what }) => what);
    await shop.admin("DELETE", `/faults/${id}`);
    expect(lost).toContainEqual(
      expect.stringMatching(/^payment_intent\.succeeded evt_\w+ is lost on its way$/),
    );
  });

  it("tells nothing of another session, and of none that there is not", async () => {
    const [one, other] = [await shop.create(), await shop.create()];
    const { body } = await ask(`/developer/sessions/${one.id}`);
    expect(body).toContain(one.paymentIntentId);
    expect(body).not.toContain(other.paymentIntentId);
    const none = await ask(`/developer/sessions/${randomUUID()}`);
    expect(JSON.parse(none.body)).toEqual({ status: null, entries: [] });
  });

  it.each([
    ["no session's id", "/developer/sessions/1", "GET", 404],
    ["more than an id", `/developer/sessions/${randomUUID()}/rows`, "GET", 404],
    ["another thing", `/developer/keys/${randomUUID()}`, "GET", 404],
    ["a write", `/developer/sessions/${randomUUID()}`, "DELETE", 405],
  ])("refuses %s", async (_, path, method, status) => {
    expect((await ask(path, { method })).status).toBe(status);
  });
});
