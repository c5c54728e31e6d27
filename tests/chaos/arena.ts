import { stripeAdmin } from "@billingos/stripe-simulator/admin";
import { Pool } from "pg";
import type { ReconcileResponse } from "../../shared/contract/reconcile.ts";
import { type Stack, startStack } from "../../stack/index.ts";
import { reconcileOf } from "../support/reconcile.ts";
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
  const pool = new Pool({ connectionString: stack.superuserUrl, max: 8 });
  // An idle connection ends with its server: the next query takes another.
  pool.on("error", () => undefined);
  const shopStack = shopStackOf(stack);
  const admin = (method: string, path: string, body?: unknown) =>
    stripeAdmin(adminUrl, method, path, body);

  return {
    stack,
    admin,

    async query<Row extends object>(sql: string, values: unknown[] = []) {
      return (await pool.query<Row>(sql, values)).rows;
    },

    async tamper(sql, values = []) {
      const client = await pool.connect();
      try {
        await client.query("begin");
        await client.query("set local session_replication_role = 'replica'");
        await client.query(sql, values);
        await client.query("commit");
      } catch (error) {
        await client.query("rollback");
        throw error;
      } finally {
        client.release();
      }
    },

    reconcile: () => reconcileOf(stack.info),

    async openShop() {
      await admin("POST", "/reset");
      await pool.query(
        "truncate billing.organizations, billing.webhook_events, billing.stripe_cursors cascade",
      );
      return openShop(shopStack);
    },

    async close() {
      await pool.end();
      await stack.stop();
    },
  };
}
