import { afterAll, describe, expect, it } from "vitest";
import { openShop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
const { apiUrl, publishableKey, functionsUrl } = stack();
const token = await shop.token();
// There is something to steal.
await shop.pay(await shop.create({ email: "private.person@example.com" }));

const relations = await shop.query<{ name: string; column: string }>(
  `select c.relname as name, a.attname as column from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum = 1
   where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm') order by 1`,
);
const functions = (await shop.query<{ name: string }>(
  "select distinct proname as name from pg_proc where pronamespace = 'public'::regnamespace order by 1",
)).map(({ name }) => name);

/** What a browser can put in its hands. */
const keys: [name: string, headers: Record<string, string>][] = [
  ["no key", {}],
  ["the publishable key", { apikey: publishableKey }],
  ["the key and a session token", { apikey: publishableKey, authorization: `Bearer ${token}` }],
];

const ask = (path: string, init: RequestInit, headers: Record<string, string>) =>
  fetch(`${apiUrl}/rest/v1/${path}`, {
    ...init,
    headers: { "content-type": "application/json", ...headers },
  });

describe.each(keys)("through PostgREST, with %s,", (_name, headers) => {
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
    for (const name of functions) {
      const response = await ask(`rpc/${name}`, { method: "POST", body: "{}" }, headers);
      // 404: without the right to call it, nobody is told that it is there.
      if (![401, 403, 404].includes(response.status)) open.push(name);
    }
    expect(open).toEqual([]);
  });

  it.each([["internal"], ["realtime"], ["pg_catalog"], ["auth"]])(
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

it("what a filter smuggles in reaches no other row", async () => {
  for (const id of ["*", "eq.1", "(select 1)", "a,b", "null", "%27--", "..%2fcheckout-reconcile"]) {
    const response = await fetch(`${functionsUrl}/checkout-status/${id}?select=*&or=(id.neq.0)`);
    expect(response.status).toBe(404);
  }
});
