import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exposed, lookedAt, policies } from "./privileges/exposed.ts";
import { openDatabase } from "./support.ts";

const database = await openDatabase();
const owner = await database.owner();

/** All that a browser's key may use, each with its reason. Whatever else the look finds is a hole. */
const explained: Readonly<Record<string, string>> = {
  "schema public: usage by anon":
    "the platform's own grant; it lets names be found and opens none of them",
  "schema public: usage by authenticated": "the same",
  "function internal.checkout_topic_exists(p_topic text): execute by anon":
    "the policy on realtime.messages calls it as the caller; it tells who knows a session's id that the session exists",
  "function internal.checkout_topic_exists(p_topic text): execute by authenticated": "the same",
};

describe("a browser's key", () => {
  it("may use what is explained here and nothing else", async () => {
    expect(await exposed(owner)).toEqual(Object.keys(explained).toSorted());
  });

  it("meets one policy in the whole database: to listen to an existing checkout", async () => {
    expect(await policies(owner)).toEqual([
      "checkout_session_listeners on realtime.messages: select for anon, authenticated",
    ]);
  });

  it("was looked for at every object", async () => {
    const seen = await lookedAt(owner);
    expect(seen["tables"]).toBeGreaterThan(14);
    expect(seen["public_functions"]).toBeGreaterThan(10);
    expect(seen["internal_functions"]).toBeGreaterThan(5);
  });
});

describe("a careless migration", () => {
  beforeEach(() => owner.rows("begin"));
  afterEach(() => owner.rows("rollback"));

  it.each([
    ["a table", "create table public.careless (id bigint generated always as identity)"],
    ["a partitioned table", "create table public.careless (id bigint) partition by range (id)"],
    ["a view over everything", "create view public.careless as select * from public.customers"],
    [
      "a materialized view",
      "create materialized view public.careless as select * from public.customers",
    ],
    ["a sequence", "create sequence public.careless"],
    [
      "a function with its owner's rights",
      "create function public.careless() returns setof public.customers language sql security definer as 'select * from public.customers'",
    ],
    [
      "a procedure",
      "create procedure public.careless() language sql security definer as 'delete from public.customers'",
    ],
    ["an aggregate", "create aggregate public.careless (int) (sfunc = int4pl, stype = int)"],
    ["a helper", "create function internal.careless() returns int language sql return 1"],
    ["a helper's table", "create table internal.careless (id bigint)"],
    ["a schema of its own", "create schema careless create table careless.loot (id bigint)"],
  ])("that makes %s leaves it closed", async (_name, sql) => {
    const before = await exposed(owner);
    await owner.rows(sql);
    expect(await exposed(owner)).toEqual(before);
  });

  it.each([
    ["reads", "grant select on public.customers to anon", "relation public.customers: select"],
    ["writes", "grant update on public.customers to public", "relation public.customers: update"],
    [
      "a single column",
      "grant select (email) on public.customers to authenticated",
      "column of public.customers: select",
    ],
    [
      "a call",
      "grant execute on function internal.iso(timestamptz) to public",
      "function internal.iso(at timestamp with time zone): execute",
    ],
    ["a schema", "grant usage on schema internal to anon", "schema internal: usage"],
    ["to make things", "grant create on schema public to anon", "schema public: create"],
    [
      "a sequence",
      "create sequence public.careless; grant usage on sequence public.careless to anon",
      "sequence public.careless: usage",
    ],
    ["another role", "grant anon to authenticated", "role anon: member"],
    [
      "all that comes later",
      `alter default privileges in schema public grant select on tables to anon;
       create table public.careless (id bigint)`,
      "relation public.careless: select",
    ],
    // PUBLIC may use a new type unless told otherwise; a name and its labels, but told here all the same.
    ["an enumeration", "create type public.careless as enum ('a')", "type public.careless: usage"],
    ["a domain", "create domain public.careless as text", "type public.careless: usage"],
    ["a composite type", "create type public.careless as (a int)", "type public.careless: usage"],
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
      "create policy careless on public.customers for select to public using (true)",
    ],
  ])("with a policy %s is caught", async (_name, sql) => {
    await owner.rows(sql);
    expect(await policies(owner)).toHaveLength(2);
  });
});
