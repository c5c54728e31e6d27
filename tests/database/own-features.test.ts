import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import {
  complete,
  type Connection,
  openDatabase,
  openSession,
  openShop,
  ORGANIZATION,
  record,
} from "./support.ts";
import { openAuth, type SignedIn } from "./signed-in.ts";

const ROWS = 100_000;

const database = await openDatabase();
const auth = await openAuth(database.superuserUrl);
// Only a superuser may have calls counted; it holds for connections to come.
await auth.rows(
  `do $$ begin execute format('alter database %I set track_functions = pl', current_database()); end $$`,
);
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);
const [payer, other] = await Promise.all([auth.signIn(), auth.signIn()]);

const claimsOf = ({ userId, sessionId }: SignedIn) => ({
  sub: userId,
  session_id: sessionId,
  role: "authenticated",
});

/** One statement as PostgREST runs it: as the role of the token, whose claims are set for the transaction. */
async function asUser<T extends object>(
  claims: object | undefined,
  sql: string,
  role = "authenticated",
): Promise<T[]> {
  await owner.rows("begin");
  await owner.rows("select set_config('request.jwt.claims', $1, true)", [
    claims === undefined ? "" : JSON.stringify(claims),
  ]);
  await owner.rows(`set local role ${role}`);
  const rows = await owner.rows<T>(sql);
  await owner.rows("rollback");
  return rows;
}
afterEach(() => owner.rows("rollback"));

async function buy(client: Connection, { userId }: SignedIn): Promise<void> {
  const session = await openSession(client, keyDigest, userId);
  await record(client, session, "succeeded");
  await complete(client, session);
}

/** What a user's own features say of a key. */
async function said(claims: object | undefined, key: string) {
  const [row] = await asUser<{ has: boolean; most: string }>(
    claims,
    `select billing.has_feature('${key}') as has, billing.feature_limit('${key}') as most`,
  );
  return { has: row?.has, most: Number(row?.most) };
}
const nothing = { has: false, most: 0 };

let keys: { limited: string; unlimited: string };

beforeAll(async () => {
  await owner.rows("update billing.organizations set auth_users = 'users' where id = $1", [
    ORGANIZATION,
  ]);
  await buy(service, payer);
  const granted = await owner.rows<{ key: string; quantity: string | null }>(
    `select f.key, g.quantity from billing.feature_grants g
     join billing.features f on f.id = g.feature_id join billing.customers c on c.id = g.customer_id
     where c.external_id = $1`,
    [payer.userId],
  );
  keys = {
    limited: granted.find(({ quantity }) => quantity !== null)?.key ?? "",
    unlimited: granted.find(({ quantity }) => quantity === null)?.key ?? "",
  };
});

describe("a user's own features", () => {
  it("are those that the user has paid for, with their limits", async () => {
    const { limited, unlimited } = keys;
    const [{ quantity } = { quantity: 0 }] = await owner.rows<{ quantity: string }>(
      `select g.quantity from billing.feature_grants g join billing.features f on f.id = g.feature_id
       where f.key = $1`,
      [limited],
    );
    expect(await said(claimsOf(payer), limited)).toEqual({ has: true, most: Number(quantity) });
    expect(await said(claimsOf(payer), unlimited))
      .toEqual({ has: true, most: Number.MAX_SAFE_INTEGER });
    expect(await said(claimsOf(payer), "in_no_catalogue")).toEqual(nothing);
  });

  it("are what the functions answer of the same user", async () => {
    const { entitlements } = await service.call<
      { entitlements: { featureKey: string; limit: number | null }[] }
    >("read_entitlements", { p_token_id: payer.sessionId, p_user_id: payer.userId });
    expect(entitlements.length).toBeGreaterThan(1);
    for (const { featureKey, limit } of entitlements) {
      expect(await said(claimsOf(payer), featureKey))
        .toEqual({ has: limit !== 0, most: limit ?? Number.MAX_SAFE_INTEGER });
    }
  });

  it.each<[string, () => object | undefined]>([
    ["another user", () => claimsOf(other)],
    ["nobody", () => undefined],
    ["a token without claims", () => ({})],
    ["a subject that is no UUID", () => ({ ...claimsOf(payer), sub: "user_2abc" })],
    ["a session that is no UUID", () => ({ ...claimsOf(payer), session_id: "1" })],
    ["no session", () => ({ ...claimsOf(payer), session_id: undefined })],
    ["another user's session", () => ({ ...claimsOf(payer), session_id: other.sessionId })],
    ["a session that has ended", () => ({ ...claimsOf(payer), session_id: randomUUID() })],
    ["the claims of another role", () => ({ ...claimsOf(payer), role: "service_role" })],
    ["claims that are another kind of JSON", () => [claimsOf(payer)]],
  ])("are none for %s", async (_who, make) => {
    expect(await said(make(), keys.limited)).toEqual(nothing);
  });

  it("end with the grant", async () => {
    await owner.rows("begin");
    await owner.rows("update billing.feature_grants set revoked_at = now()");
    await owner.rows("select set_config('request.jwt.claims', $1, true)", [
      JSON.stringify(claimsOf(payer)),
    ]);
    expect(await owner.row("select billing.has_feature($1) as has", [keys.limited]))
      .toEqual({ has: false });
  });

  it("are none while no organization has such customers", async () => {
    await owner.rows("update billing.organizations set auth_users = 'off'");
    expect(await said(claimsOf(payer), keys.limited)).toEqual(nothing);
    await owner.rows("update billing.organizations set auth_users = 'users' where id = $1", [
      ORGANIZATION,
    ]);
  });

  it("are told to nobody without a sign-in", async () => {
    await expect(asUser(undefined, "select billing.has_feature('x')", "anon"))
      .rejects.toThrow(/permission denied/);
  });
});

const node = z.object({ "QUERY PLAN": z.string() });

describe(`a table of ${ROWS} rows that a feature gates`, () => {
  beforeAll(async () => {
    await owner.rows(
      `create table public.projects (id integer primary key, name text not null);
       insert into public.projects select n, 'Project ' || n from generate_series(1, ${ROWS}) n;
       alter table public.projects enable row level security;
       analyze public.projects;
       -- As many customers, grants and users as there would be where that many rows are.
       insert into billing.customers (organization_id, external_id)
       select '${ORGANIZATION}', 'user-' || n from generate_series(1, 20000) n;
       analyze billing.customers`,
    );
  });
  beforeEach(async () => {
    await owner.rows("drop policy if exists paid on public.projects");
    await owner.rows(
      `create policy paid on public.projects for select to authenticated
       using ((select billing.has_feature('${keys.limited}')))`,
    );
  });

  it.each([[payer, ROWS], [other, 0]])("shows all of it or none", async (user, expected) => {
    const [row] = await asUser<{ count: string }>(
      claimsOf(user),
      "select count(*) from public.projects",
    );
    expect(Number(row?.count)).toBe(expected);
  });

  it.each([["who pays", payer], ["who does not", other]])(
    "asks once for a statement, of one %s",
    async (_who, user) => {
      expect(await calls(user, "select count(*) from public.projects")).toBe(1);
      const lines = await asUser(claimsOf(user), "explain select count(*) from public.projects");
      const plan = z.array(node).parse(lines).map((line) => line["QUERY PLAN"]).join("\n");
      expect(plan).toMatch(/InitPlan/);
    },
  );

  it("would ask for each row outside of a select of its own, as the guide says", async () => {
    await owner.rows(
      `alter policy paid on public.projects using (billing.has_feature('${keys.limited}'))`,
    );
    expect(await calls(payer, "select count(*) from public.projects where id <= 500")).toBe(500);
  });

  it("asks by indexes alone, however many customers there are", async () => {
    const before = await tuplesRead();
    await said(claimsOf(payer), keys.limited);
    const after = await tuplesRead();
    expect(after - before).toBeLessThan(100);
  });
});

const count = async () => {
  // What this connection has counted and not told yet; told when the statement is over.
  await owner.rows("select pg_stat_force_next_flush()");
  const [row] = await auth.rows<{ calls: string }>(
    `select coalesce(sum(calls), 0) as calls from pg_stat_user_functions
     where schemaname = 'billing' and funcname = 'has_feature'`,
  );
  return Number(row?.calls);
};

/** How often the feature is asked for while a user runs a statement. */
async function calls(user: SignedIn, sql: string): Promise<number> {
  const before = await count();
  await asUser(claimsOf(user), sql);
  return await count() - before;
}

/** Rows that sequential scans of the product's and Auth's tables have read. */
async function tuplesRead(): Promise<number> {
  await owner.rows("select pg_stat_force_next_flush()");
  const [row] = await auth.rows<{ read: string }>(
    `select sum(seq_tup_read) as read from pg_stat_user_tables where schemaname in ('billing', 'auth')`,
  );
  return Number(row?.read);
}
