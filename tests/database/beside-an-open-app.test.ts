import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { applyMigrations } from "../../stack/migrate.ts";
import { type Postgres, startPostgres } from "../../stack/postgres/index.ts";
import { explained } from "./privileges/explained.ts";
import { exposed } from "./privileges/exposed.ts";
import { Connection } from "./support.ts";

// An app whose owner gives browsers all that comes later, in every schema.
let postgres: Postgres;
let owner: Connection;
let browser: Connection;
const connect = async (role?: string) => {
  const client = new Client({ connectionString: postgres.databaseUrl });
  await client.connect();
  if (role !== undefined) await client.query(`set role ${role}`);
  return new Connection(client);
};
beforeAll(async () => {
  postgres = await startPostgres();
  [owner, browser] = await Promise.all([connect(), connect("anon")]);
  await owner.rows(`
    alter default privileges grant execute on functions to anon, authenticated;
    alter default privileges grant select, insert, update, delete on tables to anon, authenticated;
    alter default privileges grant usage on schemas to anon, authenticated`);
  await applyMigrations(postgres.databaseUrl);
});
afterAll(async () => {
  await Promise.all([owner, browser].map(({ client }) => client.end()));
  await postgres.stop();
});

it("opens nothing of ours to a browser but what is explained", async () => {
  const ours = (await exposed(owner)).filter((one) => /billing/.test(one));
  expect(ours).toEqual(Object.keys(explained).filter((one) => /billing/.test(one)).toSorted());
  await expect(browser.rows("select billing.erase_customer(gen_random_uuid(), 'u')"))
    .rejects.toThrow(/permission denied/);
});
