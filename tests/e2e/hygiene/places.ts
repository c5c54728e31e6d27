import type { Client } from "pg";
import { withClient } from "../../../stack/postgres/with-client.ts";
import { linesOf, stacks } from "../../support/stack.ts";

type Place = readonly [place: string, text: string];

/** Every value of every table of this project and of Realtime's messages, under `table.column`, on the stack of every worker. */
export async function tableCells(): Promise<Place[]> {
  const cells = await Promise.all(
    stacks().map(({ superuserUrl }) => withClient(superuserUrl, cellsOf)),
  );
  return cells.flat();
}

async function cellsOf(client: Client): Promise<Place[]> {
  const { rows: tables } = await client.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and (n.nspname in ('billing', 'billing_private')
       or (n.nspname = 'realtime' and c.relname = 'messages'))`,
  );
  const cells: Place[] = [];
  for (const { name } of tables) {
    const { rows } = await client.query<{ row: Record<string, unknown> }>(
      `select to_jsonb(t) as row from ${name} t`,
    );
    for (const { row } of rows) {
      for (const [column, value] of Object.entries(row)) {
        if (value === null) continue;
        const text = typeof value === "string" ? value : JSON.stringify(value);
        cells.push([`${name.replace("billing.", "")}.${column}`, text]);
      }
    }
  }
  return cells;
}

/** Every line that a part of any worker's stack has written, under the part's name. */
export async function logPlaces(): Promise<Place[]> {
  const lines = await Promise.all(stacks().map(({ logFile }) => linesOf(logFile)));
  return lines.flat().map(({ part, line }) => [`the log of ${part}`, line]);
}
