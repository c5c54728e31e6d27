// `npm run events -- list|show|replay`: the webhook inbox of any project, for operators. An event that failed too often
// is dead until somebody has looked and replays it.
import type { Client } from "pg";
import { eventLine, replayEvent, type StoredEvent } from "./events/inbox.ts";
import {
  argumentsOf,
  command,
  onDatabase,
  runIfMain,
  type Terminal,
  UsageError,
} from "./operator.ts";

const usage = `usage: npm run events -- <command> [--database <url>]

  list [--status received|processing|processed|dead] [--limit N]
                  the newest events, dead ones unless told otherwise
  show <evt_…>    one event with its payload (no client secret is in it)
  replay <evt_…>  gives it to the next run of reconcile again, whatever became of it

The database is --database or DATABASE_URL, as the role postgres.`;

const statuses = new Set(["received", "processing", "processed", "dead"]);

async function list(
  client: Client,
  { out }: Terminal,
  status: string,
  limit: number,
): Promise<void> {
  if (!statuses.has(status)) throw new UsageError(`no such status: ${status}`);
  if (!Number.isInteger(limit) || limit < 1) throw new UsageError("--limit takes a number from 1");
  const { rows } = await client.query<StoredEvent>(
    "select * from billing.webhook_events where status = $1 order by received_at desc limit $2",
    [status, limit],
  );
  for (const row of rows) out(eventLine(row));
  out(`${rows.length} ${status}`);
}

async function show(client: Client, { out }: Terminal, id: string): Promise<void> {
  const { rows: [row] } = await client.query<StoredEvent>(
    "select * from billing.webhook_events where stripe_event_id = $1",
    [id],
  );
  if (row === undefined) throw new UsageError(`no event ${id}`);
  out(JSON.stringify(row, null, 2));
}

async function replay(client: Client, { out }: Terminal, id: string): Promise<void> {
  if (!await replayEvent(client, id)) {
    throw new UsageError(`no event ${id}, or it is being worked on`);
  }
  out(`${id} is due again: the next run of reconcile takes it up`);
}

export const events = command(usage, async (terminal) => {
  const { values, positionals: [verb, id] } = argumentsOf(terminal, {
    allowPositionals: true,
    options: {
      database: { type: "string" },
      status: { type: "string", default: "dead" },
      limit: { type: "string", default: "50" },
    },
  });
  const needsId = verb === "show" || verb === "replay";
  if ((verb !== "list" && !needsId) || (needsId && id === undefined)) {
    throw new UsageError("which command?");
  }
  await onDatabase(terminal, values.database, async (client) => {
    if (verb === "list") await list(client, terminal, values.status, Number(values.limit));
    else if (verb === "show") await show(client, terminal, id ?? "");
    else await replay(client, terminal, id ?? "");
  });
});

await runIfMain(import.meta.url, events);
