import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, openShop, type Shop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";
import { newClient, type Person, setUsers, signUp } from "./auth-users/people.ts";

const LIMIT = 3;
/** Of this run alone: the stack is shared. */
const table = `projects_${randomUUID().slice(0, 8)}`;

let shop: Shop;
let payer: Person;
let other: Person;

beforeAll(async () => {
  shop = await openShop(stack());
  await setUsers(shop, "users");
  [payer, other] = await Promise.all([signUp(), signUp()]);
  await shop.query(
    `update billing.product_features pf set quantity = $2 from billing.features f
     where f.id = pf.feature_id and f.organization_id = $1 and f.key = 'pro-2'`,
    [shop.organizationId, LIMIT],
  );
  // As docs/rls.md has it.
  await shop.query(
    `create table public.${table} (
       id bigint generated always as identity primary key,
       owner_id uuid not null default auth.uid(),
       name text not null
     );
     alter table public.${table} enable row level security;
     create policy paid_reads on public.${table} for select to authenticated
       using ((select billing.has_feature('pro-1')) and owner_id = (select auth.uid()));
     create function public.${table}_left() returns bigint
       language sql stable security definer set search_path = ''
       as $$ select billing.feature_limit('pro-2') - count(*) from public.${table} where owner_id = auth.uid() $$;
     create policy paid_writes on public.${table} for insert to authenticated
       with check ((select public.${table}_left()) > 0 and owner_id = (select auth.uid()));
     insert into public.${table} (owner_id, name) values ('${payer.id}', 'one'), ('${other.id}', 'theirs')`,
  );
  await eventually(
    async () => payer.supabase.from(table).select("name"),
    ({ error }) => error === null,
  );
});
afterAll(async () => {
  await shop.query(`drop table public.${table} cascade; drop function public.${table}_left()`);
  await setUsers(shop, "off");
  await shop.close();
});

const names = async ({ supabase }: Pick<Person, "supabase">) =>
  (await supabase.from(table).select("name").order("id")).data?.map((row) => String(row["name"]));

const asked = (person: Pick<Person, "supabase">, name: string) =>
  person.supabase.schema("billing").rpc(name, { p_feature_key: "pro-2" });

describe("a merchant's own table, read with supabase-js", () => {
  it("opens with the payment, for who has paid alone", async () => {
    expect([await names(payer), await names(other)]).toEqual([[], []]);
    await shop.pay(await shop.client.create(payer.token, { priceId: shop.pro.priceId }));
    expect([await names(payer), await names(other)]).toEqual([["one"], []]);
  });

  it("takes as many rows as the feature's limit says", async () => {
    const outcomes: unknown[] = [];
    for (const name of ["two", "three", "four"]) {
      const { error } = await payer.supabase.from(table).insert({ name });
      outcomes.push(error?.code);
    }
    expect(outcomes).toEqual([undefined, undefined, "42501"]);
    expect((await other.supabase.from(table).insert({ name: "x" })).error?.code).toBe("42501");
    expect(await names(payer)).toEqual(["one", "two", "three"]);
  });

  it("tells each user the own features, and nobody else's", async () => {
    expect((await asked(payer, "has_feature")).data).toBe(true);
    expect((await asked(payer, "feature_limit")).data).toBe(LIMIT);
    expect((await asked(other, "has_feature")).data).toBe(false);
    expect((await asked(other, "feature_limit")).data).toBe(0);
    expect((await asked({ supabase: newClient() }, "has_feature")).error?.code).toBe("42501");
  });

  it("opens no table and no other function of the product to a signed-in user", async () => {
    const billing = payer.supabase.schema("billing");
    for (const name of ["customers", "checkout_sessions", "organizations", "session_tokens"]) {
      expect((await billing.from(name).select("*")).error?.code).toBe("42501");
    }
    const { error } = await billing.rpc("read_entitlements", {
      p_token_id: randomUUID(),
      p_user_id: payer.id,
    });
    expect(error?.code).toBe("42501");
  });

  it("closes when the user signs out, before the access token expires", async () => {
    await payer.supabase.auth.signOut();
    const { apiUrl, publishableKey } = stack();
    const response = await fetch(`${apiUrl}/rest/v1/${table}?select=name`, {
      headers: { apikey: publishableKey, authorization: `Bearer ${payer.token}` },
    });
    expect([response.status, await response.json()]).toEqual([200, []]);
  });
});
