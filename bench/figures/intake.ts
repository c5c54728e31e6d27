import type { Client } from "pg";
import { atLeast, type Figure } from "../figure.ts";
import { load, rate } from "../load/load.ts";
import { delivery, foreignPayment } from "../market/events.ts";
import { makeEngineTables } from "../yardsticks/engine-tables.ts";

const CONNECTIONS = 64;
/** Events of one measurement. */
const EVENTS = 250;

/** A burst of webhooks: signed events of 4 KB about payments of somebody else's, each verified and stored before its answer. */
export const intake: Figure = {
  name: "intake",
  title: "Webhook intake, 64 connections, signed events of 4 KB",
  unit: "events/s",
  yardstick:
    "@supabase/stripe-sync-engine in a bare handler on the same database, and a handler that verifies and stores with one call",
  rounds: 5,
  async open(ground) {
    const { stack, database, functionUrl, handler } = await ground.market();
    await makeEngineTables(database);
    const engine = await handler("sync-engine");
    const store = await handler("verify-and-store");
    const ours = await functionUrl("stripe-webhook");
    const events = ground.brief ? 20 : EVENTS;
    const deliveries = (url: string, count: number) =>
      Array.from(
        { length: count },
        () => delivery(url, foreignPayment(), stack.info.webhookSecret),
      );
    const measure = (url: string) => () =>
      rate({ requests: deliveries(url, events), connections: CONNECTIONS });
    for (const url of [ours, engine.url, store.url]) {
      await load({ requests: deliveries(url, 20), connections: CONNECTIONS });
    }
    await expectStored(database, [
      "billing.webhook_events",
      "stripe.payment_intents",
      "public.bench_events",
    ]);
    return {
      rows: [
        {
          name: "beside the engine",
          measure: measure(ours),
          yardstick: measure(engine.url),
          target: atLeast(2),
        },
        {
          name: "beside verify and one call",
          measure: measure(ours),
          yardstick: measure(store.url),
        },
      ],
      async close() {
        await engine.stop();
        await store.stop();
      },
    };
  },
};

async function expectStored(
  database: Client,
  tables: readonly string[],
): Promise<void> {
  for (const table of tables) {
    const { rows: [counted] } = await database.query<{ rows: string }>(
      `select count(*) as rows from ${table}`,
    );
    if (Number(counted?.rows) < 20) throw new Error(`${table} does not hold what was answered for`);
  }
}
