import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type * as z from "zod/mini";
import { parse } from "../contract/parse.ts";
import type { DatabaseEnvironment } from "../runtime/environment.ts";
import { CheckoutError } from "../runtime/errors.ts";
import type { Database } from "./database.types.ts";

type Functions = Database["billing"]["Functions"];

/** Calls one SQL function and checks what it answers. */
export type Call = <Name extends keyof Functions, Schema extends z.core.$ZodType>(
  name: Name,
  args: Functions[Name]["Args"],
  schema: Schema,
) => Promise<z.output<Schema>>;

/**
 * SQLSTATE classes and PostgREST codes that pass by themselves: connection lost or refused (08, PGRST00x), resources
 * short (53), the server stopping or a statement canceled (57), serialization failure or deadlock (40), a lock waited for too
 * long (55P03), no writing while the disk is full (25006: https://supabase.com/docs/guides/platform/database-size), and what is so in the
 * moments around a deployment: PGRST106, the schema is not served yet, and PGRST202, the function is not in PostgREST's cache of it
 * (https://docs.postgrest.org/en/stable/references/errors.html).
 */
const TRANSIENT = /^(08|53|57|40|55P03|25006|PGRST00|PGRST106|PGRST202)/;

/**
 * Of two transactions that were in each other's way the one that Postgres ended: it is begun anew, whole
 * (https://www.postgresql.org/docs/17/mvcc-serialization-failure-handling.html), and a call is one
 * (https://docs.postgrest.org/en/stable/references/transactions.html), rolled back.
 */
const ENDED_FOR_ANOTHER = /^40(001|P01)$/;

/**
 * Answers that pass, of PostgREST and of what stands before it: 0 is none at all, 408 and 429 are the gateway's patience, 520
 * to 525 Cloudflare's words for an origin that it cannot reach
 * (https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/).
 */
const PASSING = new Set([0, 408, 429, 502, 503, 504, 520, 521, 522, 523, 524, 525]);

/**
 * The database through PostgREST, as `service_role`. Made once per module: a client a request costs a quarter of the throughput.
 *
 * @param fetch what sends the requests
 */
export function connect(
  environment: DatabaseEnvironment,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Call {
  // Of supabase-js no more than this: what is deployed lacks its other clients, and with a token of our own it makes none of Auth's.
  const client: Pick<SupabaseClient<Database, "billing">, "rpc"> = createClient<
    Database,
    "billing"
  >(
    environment.url,
    environment.secretKey,
    {
      db: { schema: "billing" },
      global: { fetch },
      accessToken: () => Promise.resolve(environment.secretKey),
    },
  );
  return async (name, args, schema) => {
    let answer = await client.rpc(name, args);
    // Once: a second time in a row is no chance, and the caller waits.
    if (ENDED_FOR_ANOTHER.test(answer.error?.code ?? "")) answer = await client.rpc(name, args);
    const { data, error, status } = answer;
    if (error !== null) {
      const transient = PASSING.has(status) || TRANSIENT.test(error.code);
      throw new CheckoutError(transient ? "database_unavailable" : "internal_error", {
        cause: new Error(`${name}: ${error.code} ${error.message}`),
      });
    }
    return parse(schema, data);
  };
}
