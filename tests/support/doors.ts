import type { Shop } from "./shop.ts";

/** A function of the API, with a body that PostgREST finds it by: it looks for the names of the arguments. */
export interface Door {
  readonly name: string;
  readonly body: Readonly<Record<string, null>>;
}

/**
 * Every function that PostgREST serves, each with all arguments that it needs. Called with others it is answered with 404,
 * whoever may call it: https://docs.postgrest.org/en/v12/references/api/functions.html
 */
export async function doors({ query }: Pick<Shop, "query">): Promise<Door[]> {
  const rows = await query<{ name: string; needed: string[] }>(
    `select p.proname as name,
       coalesce((p.proargnames)[1:p.pronargs - p.pronargdefaults], '{}') as needed
     from pg_proc p
     where p.pronamespace = 'billing'::regnamespace and p.prokind = 'f' and p.prorettype <> 'trigger'::regtype
     order by 1`,
  );
  return rows.map(({ name, needed }) => ({
    name,
    body: Object.fromEntries(needed.map((argument) => [argument, null])),
  }));
}
