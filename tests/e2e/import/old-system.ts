import { randomBytes, randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll } from "vitest";
import * as z from "zod";
import { importCommand } from "../../../scripts/import.ts";
import { CommandFailed, runCommand } from "../../support/command.ts";
import { databaseUrl } from "../../support/database-url.ts";
import type { Shop } from "../../support/shop.ts";
import type { ShopStack } from "../../support/shop-stack.ts";

/** Tables as the system before this one had them, as far as they are read, with the secrets that they held in plain text. */
const TABLES = `
  create table customers (
    id uuid primary key default gen_random_uuid(), organization_id uuid not null, external_id varchar(300),
    stripe_customer_id varchar(255), email varchar(255), name varchar(255), deleted_at timestamptz
  );
  create table payment_intents (
    id uuid primary key default gen_random_uuid(), organization_id uuid not null, customer_id uuid,
    stripe_payment_intent_id varchar(255) not null unique, client_secret varchar(255) not null
  );
  create table subscriptions (
    id uuid primary key default gen_random_uuid(), organization_id uuid not null, customer_id uuid,
    stripe_subscription_id varchar(255), status varchar(50) not null default 'active', payment_intent_id uuid
  );
  create table checkout_sessions (
    id uuid primary key default gen_random_uuid(), organization_id uuid not null, session_token varchar(255) not null,
    payment_intent_id uuid, customer_email varchar(255), customer_external_id varchar(255),
    expires_at timestamptz not null default now() + interval '1 hour', completed_at timestamptz,
    subscription_id uuid, stripe_subscription_id text
  );
  create table webhook_events (
    id uuid primary key default gen_random_uuid(), event_id varchar(255) not null unique,
    payload jsonb not null default '{}'
  );
`;

const report = z.object({
  customers: z.record(z.string(), z.number()),
  subscriptions: z.record(z.string(), z.number()),
  left: z.array(z.object({
    kind: z.string(),
    id: z.string(),
    reason: z.string(),
    detail: z.string().optional(),
  })),
  merchantsOwn: z.array(z.object({ id: z.string(), stripeId: z.string() })).default([]),
  reasons: z.record(z.string(), z.number()),
  notImported: z.object({
    openCheckouts: z.number(),
    openUntil: z.string().nullable(),
    webhookEvents: z.number(),
  }),
});

export const secretOf = (kind: string) => `${kind}_${randomBytes(12).toString("hex")}`;

/** A second database on this worker's server, gone after the file, and the command that reads it. */
export async function openOldSystem(stack: ShopStack, shop: Shop) {
  const name = `old_${randomBytes(6).toString("hex")}`;
  const admin = new Client({ connectionString: databaseUrl(stack.superuserUrl, "template1") });
  await admin.connect();
  await admin.query(`create database ${name} owner postgres`);
  const url = databaseUrl(stack.databaseUrl, name);
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(TABLES);
  afterAll(async () => {
    await client.end();
    await admin.query(`drop database ${name} with (force)`);
    await admin.end();
  });
  const organization = randomUUID();

  /** A row with these columns; answers its id. */
  async function insert(table: string, row: Readonly<Record<string, unknown>>): Promise<string> {
    const given: Record<string, unknown> = table === "webhook_events"
      ? { ...row }
      : { organization_id: organization, ...row };
    const columns = Object.keys(given);
    const { rows: [made] } = await client.query<{ id: string }>(
      `insert into ${table} (${columns.join(", ")})
       values (${columns.map((_, index) => `$${index + 1}`).join(", ")}) returning id`,
      Object.values(given),
    );
    return made?.id ?? "";
  }

  const env = {
    DATABASE_URL: stack.databaseUrl,
    STRIPE_SECRET_KEY: stack.stripeSecretKey,
    STRIPE_API_URL: stack.stripeUrl,
  };

  const run = (...args: string[]) =>
    runCommand(importCommand, env, ["--from", url, "--organization", shop.organizationId, ...args]);

  return {
    url,
    client,
    env,
    organization,
    insert,
    empty: () =>
      client.query(
        "truncate customers, payment_intents, subscriptions, checkout_sessions, webhook_events",
      ),

    run,

    /** What a run with --apply reports, and its exit code. */
    applied: async () => {
      await shop.idle();
      const said = await run("--apply", "--json")
        .then(({ stdout }) => ({ code: 0, stdout }), (error: unknown) => {
          if (error instanceof CommandFailed && error.code === 1) return error;
          throw error;
        });
      return { code: said.code, ...report.parse(JSON.parse(said.stdout)) };
    },

    /** A customer at Stripe with a card that pays, and what the old system knew of them. */
    async customer(more: Readonly<Record<string, unknown>> = {}) {
      const user = `user-${randomUUID()}`;
      const email = `${user}@example.com`;
      const { id: stripeId } = await shop.stripe.customers.create({ email }, shop.onAccount);
      const { id: card } = await shop.stripe.paymentMethods.attach(
        "pm_card_visa",
        { customer: stripeId },
        shop.onAccount,
      );
      const row = { external_id: user, stripe_customer_id: stripeId, email, ...more };
      const id = await insert("customers", row);
      return { user, email, stripeId, card, id };
    },

    /** A subscription that the old system sold, and its row. */
    async subscription(
      customer: { readonly id: string | null; readonly stripeId: string; readonly card: string },
      stripePriceId: string,
      more: Readonly<Record<string, unknown>> = {},
    ) {
      const { id: stripeId } = await shop.stripe.subscriptions.create({
        customer: customer.stripeId,
        items: [{ price: stripePriceId }],
        default_payment_method: customer.card,
      }, shop.onAccount);
      const row = { customer_id: customer.id, stripe_subscription_id: stripeId, ...more };
      const id = await insert("subscriptions", row);
      return { id, stripeId };
    },

    stripePriceOf: async (priceId: string) => {
      const { id } = await shop.one<{ id: string }>(
        "select stripe_price_id as id from billing.product_prices where id = $1",
        [priceId],
      );
      return id;
    },
  };
}

export type OldSystem = Awaited<ReturnType<typeof openOldSystem>>;
