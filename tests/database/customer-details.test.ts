import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openRaces } from "./races.ts";
import {
  complete,
  type Connection,
  newToken,
  type OpenSession,
  openSession,
  record,
} from "./support.ts";

const { first: service, owner, keyDigest, race } = await openRaces();
const PRO = "0b500000-0000-4000-8000-0000000000a2";

/** Prices of three products, so that one customer can buy them all. */
const prices = await Promise.all([1, 2, 3].map(async (n) => {
  const { id } = await owner.row<{ id: string }>(
    `with product as (
       insert into billing.products (organization_id, name)
       select organization_id, $2 from billing.products where id = $1 returning id
     ) insert into billing.product_prices
       (product_id, currency, unit_amount, recurring_interval, recurring_interval_count, stripe_price_id)
       select id, 'usd', 2900, 'month', 1, $2 from product returning id`,
    [PRO, `price_details${n}`],
  );
  return id;
}));

interface Customer {
  readonly id: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly news: { revision: number; email: string | null; name: string | null } | null;
}

const opened = (user: string, n: number, email?: string, name?: string) =>
  openSession(service, keyDigest, user, {
    p_price_id: prices[n],
    p_request_hash: randomUUID(),
    ...(email === undefined ? {} : { p_customer_email: email }),
    ...(name === undefined ? {} : { p_customer_name: name }),
  });
const planned = async (session: OpenSession): Promise<Customer> =>
  (await record<{ plan: { customer: Customer } }>(service, session, "succeeded")).plan.customer;
const bought = async (user: string, n: number, email?: string, name?: string) =>
  planned(await opened(user, n, email, name));
const tell = (customer: Customer, news: Customer["news"]) => (connection: Connection) =>
  connection.call("record_customer_told", { p_customer_id: customer.id, p_told: news ?? {} });
const told = (customer: Customer, news: Customer["news"]) => tell(customer, news)(service);

const frees = async (user: string, email?: string) => {
  const tokenId = await newToken(service, keyDigest, user);
  const { id } = await owner.row<{ id: string }>(
    "select pr.id from billing.product_prices pr where pr.unit_amount = 0 limit 1",
  );
  const { session } = await service.call<{ session: { id: string } }>("begin_checkout", {
    p_token_id: tokenId,
    p_price_id: id,
    p_request_hash: randomUUID(),
    p_livemode: false,
    p_lifetime_seconds: 3600,
    ...(email === undefined ? {} : { p_customer_email: email }),
  });
  return service.call("complete_free_checkout", {
    p_session_id: session.id,
    p_token_id: tokenId,
    p_livemode: false,
  });
};

describe("what is known of a customer", () => {
  it("is taken when it is first known, also after a first checkout without it", async () => {
    const user = randomUUID();
    expect(await frees(user)).toMatchObject({ outcome: "succeeded" });
    expect(await bought(user, 0, "a@example.com", "Jenny")).toMatchObject({
      email: "a@example.com",
      name: "Jenny",
      news: null,
    });
  });

  it("is kept where a later checkout does not say it", async () => {
    const user = randomUUID();
    await frees(user, "a@example.com");
    expect(await bought(user, 0, undefined, "Jenny")).toMatchObject({
      email: "a@example.com",
      name: "Jenny",
      news: null,
    });
  });

  it("is frozen by the first plan that may make the customer at Stripe, and the rest is news", async () => {
    const user = randomUUID();
    const one = await bought(user, 0);
    const other = await bought(user, 1, "a@example.com");
    // The same parameters for both, so that Stripe makes one customer.
    expect([one, other]).toMatchObject([
      { email: null, name: null, news: null },
      { email: null, name: null, news: { email: "a@example.com", name: null } },
    ]);
    expect(await told(other, other.news)).toBeNull();
    expect(await bought(user, 2)).toMatchObject({ email: "a@example.com", news: null });
  });

  it("is brought back to nothing old by a late retry of an earlier session", async () => {
    const user = randomUUID();
    const first = await opened(user, 0, "old@example.com");
    await planned(first);
    const later = await bought(user, 1, "new@example.com");
    await told(later, later.news);
    expect((await planned(first)).news).toBeNull();
    expect((await bought(user, 2)).email).toBe("new@example.com");
  });

  it("is told once more by whoever told something older at the same instant", async () => {
    const user = randomUUID();
    await bought(user, 0);
    const older = await bought(user, 1, "old@example.com");
    const newer = await bought(user, 2, "new@example.com");
    const [last, late] = await race(
      tell(newer, newer.news),
      tell(older, older.news),
      "record_customer_told",
    );
    expect([last, late]).toEqual([null, newer.news]);
    expect(await told(older, newer.news)).toBeNull();
  });

  it("is what a customer is made anew with whom Stripe no longer has", async () => {
    const user = randomUUID();
    const session = await opened(user, 0, "old@example.com");
    const customer = await planned(session);
    const stripeId = `cus_${randomUUID()}`;
    await service.call("record_stripe_customer", {
      p_customer_id: customer.id,
      p_stripe_customer_id: stripeId,
    });
    await complete(service, session);
    const later = await opened(user, 1, "new@example.com");
    await planned(later);
    await service.call("forget_stripe_customer", { p_stripe_customer_id: stripeId });
    expect(await planned(later)).toMatchObject({ email: "new@example.com", news: null });
  });
});
