import type { Connection } from "../support.ts";

const GROWING = [
  "checkout_sessions",
  "payment_intents",
  "checkout_attempts",
  "webhook_events",
  "session_tokens",
  "customers",
  "subscriptions",
  "trials",
  "feature_grants",
  "rate_counters",
  "organizations",
  "stripe_accounts",
  "stripe_cursors",
  "reconcile_runs",
];

/** What this connection has read of the tables that grow with the past, and has not yet reported. */
async function counters(service: Connection) {
  const { sequential, fetched } = await service.row<{ sequential: string; fetched: string }>(
    `select coalesce(sum(seq_tup_read), 0) as sequential, coalesce(sum(idx_tup_fetch), 0) as fetched
     from pg_stat_xact_user_tables where schemaname = 'billing' and relname = any ($1)`,
    [GROWING],
  );
  return { sequential: Number(sequential), fetched: Number(fetched) };
}

/** What a call reads of them; it is rolled back. */
export const reads = <T = unknown>(
  service: Connection,
  name: string,
  args: Record<string, unknown>,
) => readsOf(service, () => service.call<T>(name, args));

/** What any work on this connection reads of them; it is rolled back. */
export async function readsOf<T>(service: Connection, work: () => Promise<T>) {
  await service.rows("begin");
  try {
    const before = await counters(service);
    const answer = await work();
    const after = await counters(service);
    return {
      answer,
      sequential: after.sequential - before.sequential,
      fetched: after.fetched - before.fetched,
    };
  } finally {
    await service.rows("rollback");
  }
}

export interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Index Cond"?: string;
  readonly Plans?: PlanNode[];
}
const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** A function's own text, with values in the place of its parameters. */
async function bodyOf(
  owner: Connection,
  name: string,
  values: Record<string, number | string>,
): Promise<string> {
  const { body } = await owner.row<{ body: string }>(
    "select prosrc as body from pg_proc where proname = $1 and pronamespace = 'billing'::regnamespace",
    [name],
  );
  return Object.entries(values).reduce(
    (text, [key, value]) => text.replaceAll(new RegExp(`\\b${key}\\b`, "g"), String(value)),
    body,
  );
}

async function explained(owner: Connection, sql: string, options: string) {
  const { "QUERY PLAN": [plan] } = await owner.row<
    { "QUERY PLAN": { Plan: PlanNode; "Execution Time"?: number }[] }
  >(`explain (${options}, format json) ${sql}`);
  if (plan === undefined) throw new Error("no plan");
  return plan;
}

export const planOf = async (
  owner: Connection,
  name: string,
  values: Record<string, number | string>,
): Promise<PlanNode[]> =>
  nodesOf((await explained(owner, await bodyOf(owner, name, values), "costs off")).Plan);

/** The plan of each row removal that a function in plpgsql makes, by the table. */
export async function deletesOf(
  owner: Connection,
  name: string,
  values: Record<string, number | string>,
): Promise<ReadonlyMap<string, PlanNode[]>> {
  const plans = new Map<string, PlanNode[]>();
  for (const statement of (await bodyOf(owner, name, values)).split(";")) {
    const [sql, table] = /delete from billing\.(\w+)[^]*/.exec(statement) ?? [];
    if (sql === undefined || table === undefined) continue;
    plans.set(table, nodesOf((await explained(owner, sql, "costs off")).Plan));
  }
  return plans;
}

/** Milliseconds in the database, of the fastest of some runs, each of which is rolled back. */
export async function timeOf(
  owner: Connection,
  name: string,
  values: Record<string, number | string>,
): Promise<number> {
  const times = [];
  for (let run = 0; run < 10; run += 1) {
    await owner.rows("begin");
    const sql = await bodyOf(owner, name, values);
    const { "Execution Time": time = Infinity } = await explained(owner, sql, "analyze");
    await owner.rows("rollback");
    times.push(time);
  }
  return Math.min(...times);
}
