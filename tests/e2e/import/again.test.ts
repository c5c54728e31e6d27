import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { eventually, openShop } from "../../support/shop.ts";
import { stack } from "../../support/stack.ts";
import { tableCells } from "../hygiene/places.ts";
import { exactly, found } from "../hygiene/search.ts";
import { openOldSystem, secretOf } from "./old-system.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
const old = await openOldSystem(stack(), shop);
const pro = await old.stripePriceOf(shop.pro.priceId);

beforeEach(async () => {
  await old.empty();
});

const tables = [
  "select * from billing.customers where organization_id = $1 order by id",
  "select * from billing.subscriptions where organization_id = $1 order by id",
  "select * from billing.invoices where organization_id = $1 order by id",
  `select g.* from billing.feature_grants g join billing.subscriptions sub on sub.id = g.subscription_id
   where sub.organization_id = $1 order by g.id`,
];

const faults = z.array(z.object({ path: z.string(), struck: z.number() }));

/** Everything that the organization has, to be compared with itself. */
async function everything() {
  const rows: Record<string, unknown>[][] = [];
  for (const sql of tables) rows.push(await shop.query(sql, [shop.organizationId]));
  return rows;
}

const oldRows = async () => {
  const { rows } = await old.client.query<{ rows: unknown }>(
    `select jsonb_build_array(
       (select jsonb_agg(to_jsonb(c) order by c.id) from customers c),
       (select jsonb_agg(to_jsonb(s) order by s.id) from subscriptions s)
     ) as rows`,
  );
  return rows;
};

describe("an import", () => {
  it("is planned without a word written, here or there", async () => {
    await old.subscription(await old.customer(), pro);
    await shop.idle();
    const before = [await everything(), await oldRows()];
    const { stdout } = await old.run();
    expect(stdout).toContain("subscriptions: 1 to import");
    expect(stdout).toContain("nothing was written");
    expect([await everything(), await oldRows()]).toEqual(before);
  });

  it("that is run again changes nothing", async () => {
    const customer = await old.customer();
    await old.subscription(customer, pro);
    await old.customer({ stripe_customer_id: null });
    await old.subscription(await old.customer(), pro);
    await shop.idle();
    await old.run("--apply");
    const before = await everything();
    const { stdout } = await old.run("--apply");
    expect(stdout).toContain("customers: 0 imported, 0 completed, 3 known, 0 left");
    expect(stdout).toContain("subscriptions: 0 imported, 2 known, 0 ended, 0 left");
    expect(await everything()).toEqual(before);
  });

  it("that cannot read an invoice says what has come over, and reads it the next time", async () => {
    const { id, stripeId } = await old.subscription(await old.customer(), pro);
    await shop.idle();
    await shop.admin("POST", "/faults", {
      kind: "error_before",
      path: "/v1/invoices/*",
      count: null,
    });
    const report = await old.applied();
    await shop.admin("DELETE", "/faults");
    expect(report).toMatchObject({
      code: 1,
      customers: { imported: 1, left: 0 },
      subscriptions: { imported: 1, left: 1 },
      left: [{ kind: "subscription", id, reason: "not_read_again" }],
    });
    const invoices = () =>
      shop.query(
        `select i.status from billing.invoices i join billing.subscriptions sub on sub.id = i.subscription_id
         where sub.stripe_subscription_id = $1`,
        [stripeId],
      );
    expect(await invoices()).toEqual([]);
    expect(await old.applied()).toMatchObject({ code: 0, subscriptions: { known: 1, left: 0 } });
    expect(await invoices()).toEqual([{ status: "paid" }]);
  });

  it("takes in what Stripe tells while it is at work, before there is a row to write it to", async () => {
    const { stripeId } = await old.subscription(await old.customer(), pro);
    await shop.idle();
    const path = `/v1/subscriptions/${stripeId}`;
    await shop.admin("POST", "/faults", { kind: "latency", path, phase: "after", ms: 3_000 });
    const running = old.run("--apply");
    // The answer has been made by now, and is on its way.
    await eventually(
      async () => faults.parse(await shop.admin("GET", "/faults")),
      (all) => all.some((one) => one.path === path && one.struck === 1),
    );
    await shop.stripe.subscriptions.cancel(stripeId);
    await running;
    await shop.idle();
    expect(
      await shop.one(
        "select status from billing.subscriptions where stripe_subscription_id = $1",
        [stripeId],
      ),
    ).toEqual({ status: "canceled" });
  });

  it("brings nothing secret along, and of a person what a customer's row keeps", async () => {
    const secrets = {
      client: `${secretOf("pi")}_secret_${secretOf("x")}`,
      session: secretOf("bos_session_test"),
      payload: secretOf("payload"),
      checkoutEmail: `${randomUUID()}@example.com`,
      deletedEmail: `${randomUUID()}@example.com`,
    };
    const customer = await old.customer();
    const { id } = await old.subscription(customer, pro);
    const payment_intent_id = await old.insert("payment_intents", {
      customer_id: customer.id,
      stripe_payment_intent_id: secretOf("pi"),
      client_secret: secrets.client,
    });
    for (const completed_at of [new Date(), null]) {
      await old.insert("checkout_sessions", {
        session_token: secrets.session,
        customer_email: secrets.checkoutEmail,
        customer_external_id: customer.user,
        payment_intent_id,
        subscription_id: id,
        completed_at,
      });
    }
    await old.insert("webhook_events", {
      event_id: secretOf("evt"),
      payload: { secret: secrets.payload },
    });
    await old.customer({
      email: secrets.deletedEmail,
      deleted_at: new Date(),
      stripe_customer_id: null,
    });
    await shop.idle();
    const { stdout, stderr } = await old.run("--apply");
    expect(stdout).toContain("subscriptions: 1 imported");

    const cells = await tableCells();
    const wanted = Object.entries(secrets).map(([what, value]) => exactly(what, value));
    expect(found(cells, wanted)).toEqual([]);
    expect(found([["what was said", stdout + stderr]], wanted)).toEqual([]);
    // The search finds what is there: the address of the one who came over, in their own row and in Stripe's events.
    const email = exactly("the customer's address", customer.email);
    expect(found(cells, [email])).toContain("the customer's address in customers.email");
    expect(found([["what was said", stdout + stderr]], [email])).toEqual([]);
  });
});
