import { randomInt, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Snapshot } from "../../shared/contract/snapshot.ts";
import { openShop, refusal } from "../support/shop.ts";
import { projectFiles } from "../support/source/project-files.ts";
import { stack, stacks } from "../support/stack.ts";
import { logPlaces, tableCells } from "./hygiene/places.ts";
import {
  cardNumbers,
  emailForm,
  exactly,
  found,
  invoicePage,
  secretForms,
  type Wanted,
} from "./hygiene/search.ts";

const shop = await openShop(stack(), { applicationFeeBps: 100 });
afterAll(() => shop.close());
const { functionsUrl, secretKey } = stack();
const slugs = projectFiles((path) => /^supabase\/functions\/[^/]+\/index\.ts$/.test(path))
  .map((path) => path.split("/")[2] ?? "");

const email = `private.person.${randomUUID().slice(0, 8)}@example.com`;
const name = `Private Person ${randomUUID().slice(0, 8)}`;
const home = {
  country: "DE",
  postalCode: "10115",
  line1: `Private Street ${randomUUID().slice(0, 8)}`,
};
const taxId = `DE${randomInt(100_000_000, 999_999_999)}`;
const known: Wanted[] = [
  ...stacks().flatMap((each) => [
    exactly("the project's secret key", each.secretKey),
    exactly("Stripe's secret key", each.stripeSecretKey),
    exactly("the webhook secret", each.webhookSecret),
    exactly("Connect's webhook secret", each.connectWebhookSecret),
    exactly("the digest key", each.digestKey),
  ]),
  exactly("the organization's key", shop.organizationKey),
];
const whereabouts = [exactly("a customer's street", home.line1), exactly("a tax id", taxId)];
let paid: Snapshot;
/** Where an address may stand: it is the customer's own row, the session's, or Stripe's account of what happened. */
const homes = [
  "customers.email",
  "checkout_sessions.customer_email",
  // What Stripe was told of the customer.
  "customers.told",
  "webhook_events.payload",
];

/** The same for where a customer lives, and the tax office's number of them. */
const homesOfPlace = new Set([
  "checkout_sessions.customer_address",
  "checkout_sessions.customer_tax_id",
  "webhook_events.payload",
]);

const post = (path: string, body: unknown, bearer?: string) =>
  fetch(`${functionsUrl}${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    body: JSON.stringify(body),
  });

// One checkout of each kind, so that the search has its own traffic whichever file runs first; on a whole run it also has
// that of every other one.
beforeAll(async () => {
  const token = await shop.token(randomUUID());
  const input = { priceId: shop.pro.priceId, customer: { email, name, address: home, taxId } };
  const session = await shop.client.create(token, input);
  known.push(
    exactly("a session token", token),
    exactly("its signature", token.split(".")[2] ?? ""),
    exactly("a client secret", session.clientSecret),
    exactly("a client secret's tail", session.clientSecret.split("_secret_")[1] ?? ""),
  );
  await refusal(shop.pay(session, "pm_card_chargeDeclined"));
  await refusal(shop.client.confirm(`${session.clientSecret}x`, { paymentMethodId: "pm_x" }));
  // Secrets and addresses where they do not belong, each refused.
  await post(`/checkout-create/${session.clientSecret}`, {});
  await post(`/checkout-create?token=${token}&email=${email}`, { email, card: "4242424242424242" });
  await post("/checkout-create", { ...input, customer: { email: `${email}\n` }, priceId: token });
  // What Stripe itself may refuse, in words of its own.
  await shop.query("update billing.organizations set tax_enabled = true where id = $1", [
    shop.organizationId,
  ]);
  for (
    const customer of [
      { email, taxId, address: { ...home, postalCode: "0" } },
      { email, address: { ...home, country: "QQ" } },
      { email, address: home, taxId: taxId.slice(0, 6) },
    ]
  ) await post("/checkout-create", { ...input, customer }, token);
  await shop.query("update billing.organizations set tax_enabled = false where id = $1", [
    shop.organizationId,
  ]);
  await post("/session-tokens", { externalUserId: "u" }, `${shop.organizationKey}0`);
  await post("/stripe-webhook", { id: session.clientSecret, email });
  await post(`/checkout-confirm/${session.clientSecret}`, { paymentMethodId: "4242424242424242" });
  await post(`/checkout-confirm/${session.clientSecret}`, { paymentMethodId: "pm_card_visa" });
  await shop.client.ownStatus(token, session.id);
  await shop.client.entitlements(token);
  await shop.client.check(token, "pro-1");
  await refusal(shop.client.check(token, email));
  await refusal(shop.client.check(session.clientSecret, token));
  await refusal(shop.client.cancel(token, session.id));
  await refusal(shop.client.cancel(token, session.clientSecret));
  await shop.idle();
  await post("/checkout-reconcile", {}, secretKey);
  // Whatever other functions there are: each is shown secrets that are not for it.
  for (const slug of slugs) {
    await post(`/${slug}/${session.clientSecret}?of=${email}`, { email, token });
  }
  paid = await shop.status(session);
}, 60_000);

describe("after all that traffic", () => {
  it("a checkout has come to its end, so that all of its rows are there", () => {
    expect(paid).toMatchObject({ status: "succeeded", features: ["pro-1", "pro-2"] });
  });

  it("no table holds a secret, a key, a token or a card number", async () => {
    const cells = await tableCells();
    expect(cells.length).toBeGreaterThan(500);
    for (const table of ["checkout_sessions", "payment_intents", "webhook_events", "realtime"]) {
      expect(cells.some(([place]) => place.startsWith(table))).toBe(true);
    }
    expect(found(cells, [...secretForms, ...known, invoicePage])).toEqual([]);
  });

  it("no log line holds a secret, a key, a token, a card number, a name or an address", async () => {
    const lines = await logPlaces();
    const parts = new Set(lines.map(([place]) => place));
    expect(slugs.length).toBeGreaterThan(6);
    for (const slug of slugs) expect(parts).toContain(`the log of function:${slug}`);
    expect(lines.length).toBeGreaterThan(40);
    const wanted = [
      ...secretForms,
      ...known,
      emailForm,
      exactly("a customer's name", name),
      ...whereabouts,
    ];
    expect(found(lines, wanted)).toEqual([]);
  });

  it("where a customer lives and the tax id stand in the session's row and Stripe's events alone", async () => {
    const cells = await tableCells();
    const strays = cells.filter(([where]) => !homesOfPlace.has(where));
    expect(found(cells, whereabouts)).not.toEqual([]);
    expect(found(strays, whereabouts)).toEqual([]);
  });

  it("a customer's address stands in the customer's row, the session's and Stripe's events alone", async () => {
    const cells = await tableCells();
    const addresses = new Set(
      cells.flatMap(([place, text]) =>
        homes.slice(0, 2).includes(place) ? [text.toLowerCase()] : []
      ),
    );
    expect(addresses).toContain(email);
    const strays = cells.filter(([place, text]) => {
      const lower = homes.includes(place) ? "" : text.toLowerCase();
      return lower.includes("@") && [...addresses].some((address) => lower.includes(address));
    });
    expect([...new Set(strays.map(([place]) => place))]).toEqual([]);
  });
});

describe("the search itself", () => {
  it.each([
    ["pi_3abc_secret_0123456789abcdef"],
    ["sk_live_0123456789abcdef0123"],
    ["whsec_0123456789"],
    ["sb_secret_0123456789_abc"],
    ["bos_session_test_eyJhbGciOi"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"],
    ["card 4242 4242 4242 4242 declined"],
    ["378282246310005"],
  ])("finds %j", (text) => {
    expect(found([["here", `a line with "${text}" in it`]], secretForms)).toHaveLength(1);
  });

  it("takes no id and no time for a card's number", () => {
    for (
      const text of ["1795415413123456", randomUUID(), "4242424242424241", "4.242424242424242"]
    ) {
      expect(cardNumbers(text)).toEqual([]);
    }
  });
});
