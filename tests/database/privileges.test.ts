import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { explained } from "./privileges/explained.ts";
import { exposed, lookedAt, policies } from "./privileges/exposed.ts";
import { openDatabase } from "./support.ts";

const database = await openDatabase();
const owner = await database.owner();

/** The policies there are, and no others. */
const known = [
  "checkout_session_listeners on realtime.messages: select for anon, authenticated",
  ...[
    "checkout_attempts",
    "checkout_sessions",
    "organization_guards",
    "organizations",
    "payment_intents",
  ]
    .map((name) => `organization_members_read on billing.${name}: select for authenticated`),
];

describe("a browser's key", () => {
  it("may use what is explained here and nothing else", async () => {
    expect(await exposed(owner)).toEqual(Object.keys(explained).toSorted());
  });

  it("meets these policies in the whole database: to listen to an existing checkout, and a member's", async () => {
    expect(await policies(owner)).toEqual(known);
  });

  it("was looked for at every object", async () => {
    const seen = await lookedAt(owner);
    expect(seen["tables"]).toBeGreaterThan(14);
    expect(seen["functions"]).toBeGreaterThan(10);
    expect(seen["private_functions"]).toBeGreaterThan(5);
  });
});

describe("a careless migration", () => {
  beforeEach(() => owner.rows("begin"));
  afterEach(() => owner.rows("rollback"));

  it.each([
    ["a table", "create table billing.careless (id bigint generated always as identity)"],
    ["a partitioned table", "create table billing.careless (id bigint) partition by range (id)"],
    ["a view over everything", "create view billing.careless as select * from billing.customers"],
    [
      "a materialized view",
      "create materialized view billing.careless as select * from billing.customers",
    ],
    ["a sequence", "create sequence billing.careless"],
    ["a helper's table", "create table billing_private.careless (id bigint)"],
    ["a schema of its own", "create schema careless create table careless.loot (id bigint)"],
  ])("that makes %s leaves it closed", async (_name, sql) => {
    const before = await exposed(owner);
    await owner.rows(sql);
    expect(await exposed(owner)).toEqual(before);
  });

  it.each([
    [
      "a function with its owner's rights",
      "create function billing.careless() returns setof billing.customers language sql security definer as 'select * from billing.customers'",
      "select billing.careless()",
    ],
    [
      "a procedure",
      "create procedure billing.careless() language sql security definer as 'delete from billing.customers'",
      "call billing.careless()",
    ],
    [
      "an aggregate",
      "create aggregate billing.careless (int) (sfunc = int4pl, stype = int)",
      "select billing.careless(1)",
    ],
    [
      "a helper",
      "create function billing_private.careless() returns int language sql return 1",
      "select billing_private.careless()",
    ],
  ])("that makes %s leaves it out of reach, and is caught", async (_name, sql, call) => {
    await owner.rows(sql);
    const found = (await exposed(owner)).filter((each) => !(each in explained));
    expect(found).toHaveLength(2);
    for (const each of found) expect(each).toMatch(/careless\(.*\): execute by/);
    await owner.rows("set local role anon");
    await expect(owner.rows(call)).rejects.toThrow(/permission denied for schema/);
  });

  it.each([
    ["reads", "grant select on billing.customers to anon", "relation billing.customers: select"],
    ["writes", "grant update on billing.customers to public", "relation billing.customers: update"],
    [
      "a single column",
      "grant select (email) on billing.customers to authenticated",
      "column of billing.customers: select",
    ],
    [
      "a call",
      "grant execute on function billing_private.iso(timestamptz) to public",
      "function billing_private.iso(at timestamp with time zone): execute",
    ],
    ["a schema", "grant usage on schema billing to anon", "schema billing: usage"],
    ["to make things", "grant create on schema billing to anon", "schema billing: create"],
    [
      "a sequence",
      "create sequence billing.careless; grant usage on sequence billing.careless to anon",
      "sequence billing.careless: usage",
    ],
    ["another role", "grant anon to authenticated", "role anon: member"],
    [
      "all that comes later",
      `alter default privileges in schema billing grant select on tables to anon;
       create table billing.careless (id bigint)`,
      "relation billing.careless: select",
    ],
    // PUBLIC may use a new type unless told otherwise; a name and its labels, but told here all the same.
    [
      "an enumeration",
      "create type billing.careless as enum ('a')",
      "type billing.careless: usage",
    ],
    ["a domain", "create domain billing.careless as text", "type billing.careless: usage"],
    ["a composite type", "create type billing.careless as (a int)", "type billing.careless: usage"],
  ])("that gives away %s is caught", async (_name, sql, what) => {
    await owner.rows(sql);
    const found = (await exposed(owner)).filter((each) => !(each in explained));
    expect(found).not.toEqual([]);
    for (const each of found) expect(each.startsWith(what)).toBe(true);
  });

  it.each([
    [
      "that lets a browser send",
      "create policy careless on realtime.messages for insert to anon with check (true)",
    ],
    [
      "that shows a table's rows",
      "create policy careless on billing.customers for select to public using (true)",
    ],
  ])("with a policy %s is caught", async (_name, sql) => {
    await owner.rows(sql);
    expect(await policies(owner)).toHaveLength(known.length + 1);
  });
});
