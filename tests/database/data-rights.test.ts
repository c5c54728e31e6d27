import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { commandFor } from "../../shared/domain/event-command.ts";
import { type Customer, openPeople, organization, stripeEvent } from "./data-rights/people.ts";
import { openSession } from "./support.ts";

const people = await openPeople();
const { service, owner, keyDigest, subscribed, receive, payload, erase, exported, dump } = people;

/** A word in everything personal, and in nothing else. */
let person: string;
let customer: Customer;

beforeEach(async () => {
  person = randomUUID().replaceAll("-", "");
  customer = await subscribed(person);
});

/** What accounting reads: with every column that is not the person's. */
const books = () =>
  owner.rows(
    `select s.id, s.status, s.amount, s.currency, s.discount_amount, s.tax_amount, s.total_amount,
       s.application_fee_amount, s.product, s.created_at, s.completed_at, s.customer_id,
       to_jsonb(p) - '{fingerprint,updated_at}'::text[] as payment, to_jsonb(sub) - '{metadata,updated_at}'::text[] as subscription,
       c.stripe_customer_id, c.created_at as customer_since,
       (select jsonb_agg(a) from billing.checkout_attempts a where a.checkout_session_id = s.id) as attempts,
       (select jsonb_agg(g) from billing.feature_grants g where g.customer_id = c.id) as grants,
       (select jsonb_agg(i) from billing.invoices i where i.customer_id = c.id) as invoices,
       (select jsonb_agg(d) from billing.disputes d where d.payment_intent_id = p.id) as disputes
     from billing.checkout_sessions s
     left join billing.payment_intents p on p.id = s.payment_intent_id
     left join billing.subscriptions sub on sub.id = s.subscription_id
     left join billing.customers c on c.id = s.customer_id order by s.id`,
  );

describe("export_customer", () => {
  it("holds every row of the customer and no digest", async () => {
    const event = stripeEvent("payment_intent.succeeded", { id: customer.intentId, note: person });
    await receive(event);
    const held = await exported(customer.user);
    expect(held).toMatchObject({
      organizationId: organization,
      externalId: customer.user,
      customer: { email: `${person}@example.com`, name: `Name ${person}` },
      sessionTokens: [{ id: customer.tokenId, external_organization_id: `org ${person}` }],
      checkoutSessions: [{
        id: customer.sessionId,
        success_url: `https://example.com/${person}`,
        customer_address: { city: `City ${person}` },
        customer_tax_id: { value: `DE ${person}` },
      }],
      trials: [{ email: `${person}@example.com`, fingerprint: `fp ${person}` }],
      paymentIntents: [{
        stripe_payment_intent_id: customer.intentId,
        fingerprint: `fp ${person}`,
      }],
      checkoutAttempts: [{ number: 1, stripe_payment_method_id: "pm_1" }],
      subscriptions: [{
        stripe_subscription_id: customer.subscription,
        metadata: { note: person },
      }],
      invoices: [{ stripe_invoice_id: customer.invoice, amount_paid: 2900 }],
      disputes: [{ stripe_dispute_id: customer.dispute, amount: 2900 }],
      webhookEvents: [{ payload: event }],
    });
    const text = JSON.stringify(held);
    expect(text).not.toMatch(/digest|request_hash/);
    expect(text).not.toContain(`secret of ${customer.sessionId}`);
  });

  it.each([
    ["nobody's name", organization, () => "nobody"],
    ["another organization", randomUUID(), () => customer.user],
    ["a pattern", organization, () => "user %"],
  ])("is null for %s", async (_name, organizationId, user) => {
    expect(await exported(user(), organizationId)).toBeNull();
  });
});

describe("erase_customer", () => {
  it("leaves nothing of the person in any table, and all of the books", async () => {
    await receive(stripeEvent("invoice.paid", {
      id: "in_1",
      customer: customer.stripeCustomer,
      customer_email: `${person}@example.com`,
    }));
    const before = await books();
    const all = await dump();
    expect(all).toContain(person);
    expect(all).toContain("checkout.updated");
    expect(await erase(customer.user)).toMatchObject({
      outcome: "erased",
      stripeCustomerId: customer.stripeCustomer,
      sessions: 1,
      events: 1,
    });
    expect(await dump()).not.toContain(person);
    expect(await books()).toEqual(before);
  });

  it("leaves no counter of the person, whichever limit counts", async () => {
    const subjects = () =>
      owner.rows<{ name: string }>(
        `select name from billing.rate_counters where subject = billing_private.customer_subject($1, $2) order by name`,
        [organization, customer.user],
      );
    const other = await subscribed(randomUUID());
    for (const user of [customer.user, other.user]) {
      await owner.rows(
        `insert into billing.rate_counters (name, subject, count, window_started_at)
         select l.name, billing_private.customer_subject($1, $2), 1, now() from billing.rate_limits l
         on conflict do nothing`,
        [organization, user],
      );
    }
    const limits = await owner.rows("select name from billing.rate_limits order by name");
    expect(limits.length).toBeGreaterThan(10);
    expect(await subjects()).toEqual(limits);
    await erase(customer.user);
    expect(await subjects()).toEqual([]);
    const kept = await owner.rows(
      "select from billing.rate_counters where subject = billing_private.customer_subject($1, $2)",
      [organization, other.user],
    );
    expect(kept).toHaveLength(limits.length);
    // The one way in which a function makes a subject of a person.
    const digesting = await owner.rows(
      `select p.proname as name from pg_proc p
       where p.pronamespace in ('billing'::regnamespace, 'billing_private'::regnamespace)
         and p.prosrc ~* '\\m(sha\\d+|md5|digest|hmac)\\s*\\('`,
    );
    expect(digesting).toEqual([{ name: "customer_subject" }]);
  });

  it("leaves every other customer as it was", async () => {
    const other = await subscribed(randomUUID());
    await receive(stripeEvent("payment_intent.succeeded", { id: other.intentId }));
    const before = await exported(other.user);
    await erase(customer.user);
    expect(await exported(other.user)).toEqual(before);
  });

  it("changes nothing more when it is done again, under either name", async () => {
    await receive(stripeEvent("invoice.paid", {
      id: "in_1",
      customer: customer.stripeCustomer,
      parent: { subscription_details: { subscription: null } },
    }));
    const { pseudonym = "" } = await erase(customer.user);
    const after = await dump();
    expect(await erase(customer.user)).toEqual({ outcome: "not_found" });
    expect(await erase(pseudonym)).toMatchObject({ outcome: "erased", pseudonym, events: 0 });
    expect(await dump()).toBe(after);
  });

  it("gives every erased customer a pseudonym of its own, which the name does not lead to", async () => {
    const first = await erase(customer.user);
    await subscribed(person);
    const again = await erase(customer.user);
    expect(first.pseudonym).toMatch(/^erased:[0-9a-f-]{36}$/);
    expect(again.pseudonym).toMatch(/^erased:[0-9a-f-]{36}$/);
    expect(again.pseudonym).not.toBe(first.pseudonym);
  });

  it("reaches events that came in later, under the pseudonym", async () => {
    const { pseudonym = "" } = await erase(customer.user);
    const late = stripeEvent("customer.subscription.deleted", {
      id: customer.subscription,
      note: person,
    });
    await receive(late);
    expect(await erase(pseudonym)).toMatchObject({ events: 1 });
    expect(JSON.stringify(await payload(late))).not.toContain(person);
  });

  it.each([
    ["a payment", "payment_intent.succeeded", () => ({ id: customer.intentId })],
    ["a subscription", "customer.subscription.updated", () => ({ id: customer.subscription })],
    ["a refund", "charge.refunded", () => ({ id: "ch_1", payment_intent: customer.intentId })],
    ["a bank's word on a refund", "refund.failed", () => ({
      id: "re_1",
      payment_intent: customer.intentId,
      charge: "ch_1",
    })],
    ["a dispute", "charge.dispute.closed", () => ({ id: customer.dispute })],
    ["an invoice", "invoice.paid", () => ({
      id: "in_1",
      parent: { type: "x", subscription_details: { subscription: customer.subscription } },
    })],
  ])("leaves an event about %s to be worked as before", async (_name, type, object) => {
    const event = stripeEvent(type, { ...object(), description: person });
    await receive(event);
    await erase(customer.user);
    const kept = await payload(event);
    expect(JSON.stringify(kept)).not.toContain(person);
    expect(kept).toMatchObject({ id: event.id, type, livemode: false });
    expect(commandFor(event).kind).not.toBe("ignore");
    expect(commandFor(kept)).toEqual(commandFor(event));
  });

  it.each([
    ["with the id inside a longer one", () => ({ id: `${customer.intentId}1` }), undefined],
    ["of an account that they never paid on", () => ({ id: customer.intentId }), "acct_other"],
  ])("leaves an event %s alone", async (_name, object, account) => {
    const event = stripeEvent("payment_intent.succeeded", { ...object(), kept: true });
    // Of an account that nobody here sells on, nothing is kept at all.
    await owner.rows(
      "insert into billing.stripe_cursors values ('acct_other', now(), now(), now(), false) on conflict do nothing",
    );
    await receive(event, account);
    await erase(customer.user);
    expect(await payload(event)).toEqual(event);
  });

  it("reaches a person who never paid", async () => {
    const user = `visitor ${person}`;
    const { sessionId } = await openSession(service, keyDigest, user);
    await owner.rows("update billing.checkout_sessions set status = 'expired' where id = $1", [
      sessionId,
    ]);
    expect(await erase(user)).toMatchObject({ outcome: "erased", stripeCustomerId: null });
    expect(await dump()).not.toContain(user);
  });
});
