import { createClient } from "@supabase/supabase-js";
import type * as z from "zod";
import type { DatabaseEnvironment } from "../env.ts";
import { CheckoutError } from "../errors.ts";
import type { Database } from "./database.types.ts";

type Functions = Database["public"]["Functions"];

/** Calls one SQL function and checks what it answers. */
export type Call = <Name extends keyof Functions, Schema extends z.ZodType>(
  name: Name,
  args: Functions[Name]["Args"],
  schema: Schema,
) => Promise<z.output<Schema>>;

/**
 * SQLSTATE classes and PostgREST codes that pass by themselves: connection lost or refused (08, PGRST00x), resources
 * short (53), the server stopping or a statement canceled (57), serialization failure or deadlock (40).
 */
const TRANSIENT = /^(08|53|57|40|PGRST00)/;

/** The database through PostgREST, as `service_role`. Made once per module: a client a request costs a quarter of the throughput. */
export function connect(environment: DatabaseEnvironment): Call {
  const client = createClient<Database>(environment.url, environment.secretKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
  return async (name, args, schema) => {
    const { data, error, status } = await client.rpc(name, args);
    if (error !== null) {
      const transient = status === 0 || status === 502 || status === 503 || status === 504 ||
        TRANSIENT.test(error.code);
      throw new CheckoutError(transient ? "database_unavailable" : "internal_error", {
        cause: new Error(`${name}: ${error.code} ${error.message}`),
      });
    }
    return schema.parse(data);
  };
}
