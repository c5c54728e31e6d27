import type { Shop } from "../../support/shop.ts";
import { logLines } from "../../support/stack.ts";

type Place = readonly [place: string, text: string];

/** Every value of every table of this project and of Realtime's messages, under `table.column`. */
export async function tableCells(shop: Pick<Shop, "query">): Promise<Place[]> {
  const tables = await shop.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and (n.nspname in ('billing', 'billing_private')
       or (n.nspname = 'realtime' and c.relname = 'messages'))`,
  );
  const cells: Place[] = [];
  for (const { name } of tables) {
    const rows = await shop.query<{ row: Record<string, unknown> }>(
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

/** Every line that a part of the stack has written, under the part's name. */
export async function logPlaces(): Promise<Place[]> {
  return (await logLines()).map(({ part, line }) => [`the log of ${part}`, line]);
}
