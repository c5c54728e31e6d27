import { stripeAdmin } from "@billingos/stripe-simulator/admin";
import { DatabaseError, Pool } from "pg";
import type { ReconcileResponse } from "../../shared/contract/reconcile.ts";
import { type Stack, startStack } from "../../stack/index.ts";
import { reconcileOf } from "../support/reconcile.ts";
import { setFulfillmentLease } from "../support/fulfillment-lease.ts";
import { shopStackOf } from "../support/shop-stack.ts";
import { openShop, type Shop } from "../support/shop.ts";

/** A stack of one's own, since its faults and its clock are everybody's. */
export interface Arena {
  readonly stack: Stack;
  /** As superuser; outlives a Postgres that is stopped and started. */
  readonly query: <Row extends object>(sql: string, values?: unknown[]) => Promise<Row[]>;
  /** Changes times and nothing else: no trigger fires, so no version rises. */
  readonly tamper: (sql: string, values?: unknown[]) => Promise<void>;
  readonly admin: (method: string, path: string, body?: unknown) => Promise<unknown>;
  readonly reconcile: () => Promise<ReconcileResponse>;
  /** A new shop in an empty world; what a failed run left behind is gone. */
  readonly openShop: () => Promise<Shop>;
  readonly close: () => Promise<void>;
}

export async function openArena(): Promise<Arena> {
  const stack = await startStack();
  const adminUrl = stack.stripeAdminUrl ?? "";
  const poolAs = (role: "origin" | "replica") => {
    const pool = new Pool({
      connectionString: stack.superuserUrl,
      max: 8,
      options: `-c session_replication_role=${role}`,
    });
    // An idle connection ends with its server: the next query takes another.
    return pool.on("error", () => undefined);
  };
  const [honest, tampering] = [poolAs("origin"), poolAs("replica")];
  await setFulfillmentLease((sql) => honest.query(sql));
  const shopStack = shopStackOf(stack);
  const admin = (method: string, path: string, body?: unknown) =>
    stripeAdmin(adminUrl, method, path, body);

  return {
    stack,
    admin,

    async query<Row extends object>(sql: string, values: unknown[] = []) {
      return (await honest.query<Row>(sql, values)).rows;
    },

    // It takes all rows in no order: where a function is at some of them meanwhile, Postgres ends one of both, and may end this.
    async tamper(sql, values = []) {
      const once = () => tampering.query(sql, values);
      await once().catch((error: unknown) => {
        if (error instanceof DatabaseError && error.code === "40P01") return once();
        throw error;
      });
    },

    reconcile: () => reconcileOf(stack.info),

    async openShop() {
      await admin("POST", "/reset");
      await tampering.query(EMPTIED);
      return openShop(shopStack);
    },

    async close() {
      await Promise.all([honest.end(), tampering.end()]);
      await stack.stop();
    },
  };
}

/**
 * What `truncate … cascade` would empty, as locked, but row by row: a truncated table is a new file, and every connection plans
 * anew whatever it asks of it.
 */
const EMPTIED = `
  do $$ declare emptied regclass; begin
    for emptied in
      with recursive reached(relation) as (
        select unnest(array['billing.organizations', 'billing.webhook_events', 'billing.stripe_cursors']::regclass[])
        union
        select c.conrelid from pg_constraint c join reached r on c.confrelid = r.relation where c.contype = 'f'
      ) select relation from reached
    loop execute format('lock table %1$s; delete from %1$s', emptied); end loop;
  end $$`;
