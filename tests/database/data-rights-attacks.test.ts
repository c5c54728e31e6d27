import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { type Command, commandFor } from "../../shared/domain/event-command.ts";
import { type Customer, openPeople, organization, stripeEvent } from "./data-rights/people.ts";
import { newToken, openSession, record } from "./support.ts";

// What would make an export show somebody else, or an erasure miss or overreach.

const people = await openPeople();
const { service, owner, keyDigest, subscribed, receive, payload, erase, exported, dump } = people;

const mark = () => randomUUID().replaceAll("-", "");
let person: string;
let customer: Customer;

beforeEach(async () => {
  person = mark();
  customer = await subscribed(person);
});

const counters = () =>
  owner.rows("select 1 from billing.rate_counters where name = 'declines_per_customer'");
const held = async (user: string) => JSON.stringify(await exported(user));

describe("a customer with nearly the same id", () => {
  it.each([
    ["one letter longer", (user: string) => `${user}0`],
    ["one letter shorter", (user: string) => user.slice(0, -1)],
    ["in capitals", (user: string) => user.toUpperCase()],
    ["with a space behind it", (user: string) => `${user} `],
    ["with a no-break space in it", (user: string) => user.replace(" ", "\u00a0")],
    ["with a zero-width space behind it", (user: string) => `${user}\u200b`],
    ["with a percent sign", (user: string) => `${user.slice(0, -1)}%`],
    ["with an underscore", (user: string) => `${user.slice(0, -1)}_`],
    ["with a backslash", (user: string) => `${user}\\`],
    ["with a quotation mark", (user: string) => `${user}'; --`],
  ])("(%s) is in no export and no erasure of the other", async (_name, change) => {
    const otherMark = mark();
    const other = await subscribed(otherMark, change(customer.user));
    await receive(stripeEvent("payment_intent.succeeded", { id: other.intentId, note: otherMark }));
    const before = await held(other.user);
    expect(before).toContain(otherMark);
    expect(await held(customer.user)).not.toContain(otherMark);
    expect(before).not.toContain(customer.sessionId);
    expect(await erase(customer.user)).toMatchObject({ outcome: "erased", sessions: 1 });
    expect(await held(other.user)).toBe(before);
    expect(await exported(customer.user)).toBeNull();
    expect(await dump()).not.toContain(`${person}@example.com`);
  });

  it("(the same letters, composed otherwise) is another customer", async () => {
    const [one, two] = [mark(), mark()];
    const composed = await subscribed(one, `Zoë ${person}`.normalize("NFC"));
    const decomposed = await subscribed(two, `Zoë ${person}`.normalize("NFD"));
    expect(await held(composed.user)).not.toContain(two);
    expect(await held(decomposed.user)).not.toContain(one);
  });

  it("(the very same, at another organization) is another customer", async () => {
    const { id: elsewhere } = await owner.row<{ id: string }>(
      "insert into billing.organizations (name) values ('Elsewhere') returning id",
    );
    const otherKey = randomUUID();
    await owner.rows(
      "insert into billing.api_keys (organization_id, prefix, digest) values ($1, 'sk_test_else', $2)",
      [elsewhere, otherKey],
    );
    const tokenId = await newToken(service, otherKey, customer.user);
    await erase(customer.user);
    expect(await exported(customer.user, elsewhere)).toMatchObject({
      sessionTokens: [{ id: tokenId, external_user_id: customer.user, revoked_at: null }],
      checkoutSessions: [],
      webhookEvents: [],
    });
  });
});

describe("an event that is still to be worked when its customer is erased", () => {
  it.each<[string, Command["kind"], object]>([
    ["refund.failed", "follow_refund", { id: "re_1", payment_intent: "pi_1", charge: "ch_1" }],
    ["payment_intent.succeeded", "settle_intent", { id: "pi_1" }],
    ["setup_intent.succeeded", "settle_intent", { id: "seti_1" }],
    ["customer.subscription.updated", "sync_subscription", { id: "sub_1" }],
    [
      "invoice.paid",
      "sync_invoice",
      { id: "in_1", parent: { subscription_details: { subscription: "sub_1" } } },
    ],
    ["charge.refunded", "sync_charge", { id: "ch_1", payment_intent: { id: "pi_1" } }],
    ["charge.dispute.closed", "sync_dispute", { id: "du_1" }],
  ])("(%s) still asks for %s, and names nobody", async (type, kind, object) => {
    const event = stripeEvent(type, { ...object, note: person });
    const { bare } = await owner.row<{ bare: typeof event }>(
      "select billing_private.bare_event($1) as bare",
      [event],
    );
    expect(commandFor(event).kind).toBe(kind);
    expect(commandFor(bare)).toEqual(commandFor(event));
    expect(JSON.stringify(bare)).not.toContain(person);
  });
});

describe("an event about another customer", () => {
  it.each([
    ["in a sentence", () => ({ description: `as agreed for ${customer.intentId}, see there` })],
    ["in an address", () => ({ receipt_url: `https://example.com/${customer.stripeCustomer}` })],
    ["in a list of words", () => ({ notes: [`${customer.subscription},${customer.intentId}`] })],
    ["as a key", () => ({ metadata: { [customer.intentId]: "x" } })],
    ["by the merchant's own name of it", () => ({ metadata: { user: customer.user } })],
  ])("that names this one only %s is the other's alone", async (_name, mention) => {
    const other = await subscribed(mark());
    const event = stripeEvent("payment_intent.succeeded", { id: other.intentId, ...mention() });
    await receive(event);
    expect(await exported(customer.user)).toMatchObject({ webhookEvents: [] });
    expect(await exported(other.user)).toMatchObject({ webhookEvents: [{ payload: event }] });
    await erase(customer.user);
    expect(await payload(event)).toEqual(event);
  });
});

describe("an erased customer who comes back", () => {
  it("is a new customer: the old rows stay under the pseudonym and nothing leads there", async () => {
    const { pseudonym = "" } = await erase(customer.user);
    const old = await held(pseudonym);
    const returned = mark();
    const again = await subscribed(returned, customer.user);
    const now = await held(customer.user);
    expect(now).toContain(again.sessionId);
    for (
      const trace of [customer.sessionId, customer.stripeCustomer, customer.subscription, pseudonym]
    ) {
      expect(now).not.toContain(trace);
    }
    expect(await held(pseudonym)).toBe(old);
    expect(old).not.toContain(returned);
    expect(await erase(customer.user)).toMatchObject({ outcome: "erased", sessions: 1 });
    expect(await dump()).not.toContain(returned);
  });

  it("finds no limit left of before, and leaves none behind under a name", async () => {
    const user = `visitor ${person}`;
    const session = await openSession(service, keyDigest, user);
    await record(service, session, "requires_payment_method", {
      p_intent: {
        id: session.intentId,
        status: "requires_payment_method",
        chargeId: "ch_refused",
        error: { code: "card_declined", declineCode: "generic_decline", message: "No." },
      },
      p_attempt_number: 1,
    });
    expect(await counters()).toHaveLength(1);
    await record(service, session, "canceled");
    expect(await erase(user)).toMatchObject({ outcome: "erased" });
    expect(await counters()).toEqual([]);
  });
});

describe("names that are no customers", () => {
  it.each([
    ["a pattern", "%"],
    ["the start of every pseudonym", "erased:"],
    ["a pseudonym that was never given", `erased:${randomUUID()}`],
    ["nothing", ""],
    ["a very long one", "x".repeat(100_000)],
  ])("%s: nothing is exported or erased", async (_name, user) => {
    const before = await dump();
    expect(await exported(user)).toBeNull();
    expect(await erase(user)).toEqual({ outcome: "not_found" });
    expect(await dump()).toBe(before);
  });

  it("a customer who calls itself by a pseudonym's form is erased all the same", async () => {
    const user = `erased:${randomUUID()}`;
    const crafty = mark();
    await subscribed(crafty, user);
    await erase(user);
    expect(await dump()).not.toContain(crafty);
    expect(await held(organization)).toBe("null");
  });
});
