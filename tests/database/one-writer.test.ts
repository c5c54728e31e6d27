import { describe, expect, it } from "vitest";
import { openDatabase } from "./support.ts";

const database = await openDatabase();
const owner = await database.owner();

/** A statement that may write a session, to its end; without comments, which may speak of one. */
const writing = /\b(?:update|insert\s+into|merge\s+into)\s+billing\.checkout_sessions\b[^;]*/gi;
/** `status` as what is assigned to, alone or among others; what is compared with has its row's name before it. */
const assigned = /(?:\bset|,|\()\s*status\s*(?:=|,|\))/i;

/** The functions, whatever their language, that write the state of a checkout session. */
async function writers(): Promise<string[]> {
  const functions = await owner.rows<{ name: string; definition: string }>(
    `select p.oid::regproc::text as name, pg_get_functiondef(p.oid) as definition
     from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where p.prokind in ('f', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'extensions')
     order by 1`,
  );
  return functions.filter(({ definition }) => {
    const statements = definition.replaceAll(/--.*$/gm, "").match(writing) ?? [];
    return statements.some((statement) => assigned.test(statement));
  }).map(({ name }) => name);
}

describe("the state of a checkout session", () => {
  it("is written by one function", async () => {
    expect(await writers()).toEqual(["billing_private.move_session"]);
  });

  it.each([
    ["alone", "update billing.checkout_sessions s set status = 'failed' where s.id = p_id"],
    ["among others", "update billing.checkout_sessions set version = 2, status = 'failed'"],
    ["in a row", "update billing.checkout_sessions set (status, version) = ('failed', 2)"],
    ["of a new row", "insert into billing.checkout_sessions (id, status) values (p_id, 'failed')"],
  ])("written elsewhere, %s, would be found", async (_how, statement) => {
    await owner.rows("begin");
    await owner.rows(
      `create function billing.careless(p_id uuid) returns void language plpgsql as $$ begin ${statement}; end $$`,
    );
    expect(await writers()).toEqual(["billing.careless", "billing_private.move_session"]);
    await owner.rows("rollback");
  });
});
