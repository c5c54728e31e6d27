import { afterAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { doors } from "../support/doors.ts";
import { openShop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
const { apiUrl, publishableKey, secretKey, functionsUrl } = stack();
const token = await shop.token();
// There is something to steal.
await shop.pay(await shop.create({ email: "private.person@example.com" }));

const relations = await shop.query<{ name: string; column: string }>(
  `select c.relname as name, a.attname as column from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum = 1
   where c.relnamespace = 'billing'::regnamespace and c.relkind in ('r', 'v', 'm') order by 1`,
);
const functions = await doors(shop);

/** What a browser can put in its hands, and by whose code it is refused: Postgres' own says that the call had come to it. */
const keys: [name: string, headers: Record<string, string>, deniedBy?: string][] = [
  ["no key", {}],
  ["the publishable key", { apikey: publishableKey }, "42501"],
  ["the key and a session token", { apikey: publishableKey, authorization: `Bearer ${token}` }],
];

const refused = z.object({ code: z.string().optional() });

const ask = (path: string, init: RequestInit, headers: Record<string, string>) =>
  fetch(`${apiUrl}/rest/v1/${path}`, {
    ...init,
    headers: {
      "content-type": "application/json",
      // Which schema a reading and a writing is about; without them it is `public`, which holds nothing of ours.
      "accept-profile": "billing",
      "content-profile": "billing",
      ...headers,
    },
  });

describe.each(keys)("through PostgREST, with %s,", (_name, headers, deniedBy) => {
  it("a browser reads, writes and deletes in no table", async () => {
    const open: string[] = [];
    expect(relations.length).toBeGreaterThan(14);
    for (const { name, column } of relations) {
      const tries: [path: string, init: RequestInit][] = [
        [`${name}?select=*`, { method: "GET" }],
        [`${name}?select=count`, { method: "HEAD" }],
        [name, { method: "POST", body: "{}" }],
        [`${name}?${column}=not.is.null`, {
          method: "PATCH",
          body: JSON.stringify({ [column]: null }),
        }],
        [`${name}?${column}=not.is.null`, { method: "DELETE" }],
      ];
      for (const [path, init] of tries) {
        const response = await ask(path, init, headers);
        if (![401, 403].includes(response.status)) open.push(`${init.method ?? ""} ${path}`);
        expect(await response.text()).not.toMatch(/^\[/);
      }
    }
    expect(open).toEqual([]);
  });

  it("a browser calls no function", async () => {
    const open: string[] = [];
    expect(functions.length).toBeGreaterThan(10);
    for (const { name, body } of functions) {
      const response = await ask(
        `rpc/${name}`,
        { method: "POST", body: JSON.stringify(body) },
        headers,
      );
      const { code } = refused.parse(await response.json());
      if (response.status !== 401 || (deniedBy !== undefined && code !== deniedBy)) open.push(name);
    }
    expect(open).toEqual([]);
  });

  it.each([["billing_private"], ["realtime"], ["pg_catalog"], ["auth"]])(
    "a browser is served no schema %s",
    async (schema) => {
      const response = await ask("messages?select=*", { method: "GET" }, {
        ...headers,
        "accept-profile": schema,
      });
      expect([401, 406]).toContain(response.status);
    },
  );
});

it("the same requests reach the tables and functions with the project's secret key", async () => {
  const headers = { apikey: secretKey };
  for (const { name } of relations) {
    const response = await ask(`${name}?limit=1`, { method: "GET" }, headers);
    // Two tables of the rate limits are nobody's to read.
    expect([200, 403]).toContain(response.status);
  }
  const located = await ask("rpc/locate_account", {
    method: "POST",
    body: JSON.stringify({ p_stripe_account_id: "acct_nobody" }),
  }, headers);
  expect(located.status).toBe(200);
});

it("what a filter smuggles in reaches no other row", async () => {
  for (const id of ["*", "eq.1", "(select 1)", "a,b", "null", "%27--", "..%2fcheckout-reconcile"]) {
    const response = await fetch(`${functionsUrl}/checkout-status/${id}?select=*&or=(id.neq.0)`);
    expect(response.status).toBe(404);
  }
});
