import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { applyMigrations } from "../../stack/migrate.ts";
import { type Postgres, startPostgres } from "../../stack/postgres/index.ts";
import { Connection } from "./support.ts";

/** The project of an app that was there first: names that ours has too, and a schema of its own. */
const APP = `
  create table public.customers (id bigint primary key, note text);
  create table public.products (id bigint primary key);
  create type public.terms as (a int);
  insert into public.customers values (1, 'of the app');
  create schema app;
  grant usage on schema app to anon;
  create function app.before() returns int language sql return 1;`;

const LATER = `
  create function app.after() returns int language sql return 1;
  create table public.later (id bigint primary key);
  create function public.later_function() returns int language sql return 1;
  create sequence public.later_sequence;`;

let postgres: Postgres;
let owner: Connection;
let browser: Connection;
let untouched: unknown[];

/** What each role may do with all that is the app's, and what it will be granted of what comes later. */
const privileges = () =>
  owner.rows(
    `select n.nspname, c.relname as name, c.relacl::text as granted from pg_class c
       join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('public', 'app')
     union all select n.nspname, p.proname, p.proacl::text from pg_proc p
       join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('public', 'app')
     union all select n.nspname, '', n.nspacl::text from pg_namespace n where n.nspname in ('public', 'app')
     union all select d.defaclnamespace::regnamespace::text, d.defaclobjtype::text, d.defaclacl::text
       from pg_default_acl d
     order by 1, 2`,
  );

const connect = async (role?: string) => {
  const client = new Client({ connectionString: postgres.databaseUrl });
  await client.connect();
  if (role !== undefined) await client.query(`set role ${role}`);
  return new Connection(client);
};

beforeAll(async () => {
  postgres = await startPostgres();
  [owner, browser] = await Promise.all([connect(), connect("anon")]);
  await owner.rows(APP);
  untouched = await privileges();
  await applyMigrations(postgres.databaseUrl);
});
afterAll(async () => {
  await Promise.all([owner, browser].map(({ client }) => client.end()));
  await postgres.stop();
});

it("the migrations apply beside an app that has tables of the same names, and leave them alone", async () => {
  expect(await owner.rows("select * from public.customers")).toEqual([
    { id: "1", note: "of the app" },
  ]);
  expect(await owner.rows("select * from billing.customers")).toEqual([]);
  expect(untouched.length).toBeGreaterThan(6);
  expect(await privileges()).toEqual(untouched);
});

it("what the app makes later has the platform's own privileges", async () => {
  await owner.rows(LATER);
  expect(await browser.row("select app.before() + app.after() as sum")).toEqual({ sum: 2 });
  expect(await browser.row("select public.later_function() as one")).toEqual({ one: 1 });
  expect(await browser.rows("select * from public.later")).toEqual([]);
  expect(await browser.row("select nextval('public.later_sequence') as next")).toEqual({
    next: "1",
  });
});

it("and a browser's key still reaches nothing of ours", async () => {
  await expect(browser.rows("select * from billing.customers")).rejects.toThrow(
    /permission denied for schema billing/,
  );
  await expect(browser.rows("select billing_private.iso(now())")).rejects.toThrow(
    /permission denied for schema billing_private/,
  );
});
