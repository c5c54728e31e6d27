import { type Client, TypeOverrides, types } from "pg";
import * as z from "zod/mini";
import type { Call } from "../shared/database/client.ts";

/** `bigint`, which `pg` gives as text and PostgREST as a number. */
const BIGINT = types.builtins.INT8;

const parsers = new TypeOverrides();
parsers.setTypeParser(BIGINT, Number);

/**
 * The SQL functions as `shared/database` calls them, on a connection of an operator's instead of through PostgREST: the same
 * statements, each in a transaction of its own, one after the other.
 */
export function databaseCall(client: Client): Call {
  let last: Promise<unknown> = Promise.resolve();
  return async (name, args, schema) => {
    const given = Object.entries({ ...args }).filter(([, value]) => value !== undefined);
    const list = given.map(([key], index) => `${key} => $${index + 1}`).join(", ");
    const run = () =>
      client.query<{ result: unknown }>({
        text: `select billing.${name}(${list}) as result`,
        values: given.map(([, value]) => value),
        types: parsers,
      });
    const answer = last.then(run, run);
    last = answer;
    const { rows: [row] } = await answer;
    return z.parse(schema, row?.result);
  };
}
