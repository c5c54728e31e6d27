// `npm run grants -- rebuild`: computes every subscription's grants from the facts and compares them with what is stored,
// for operators. They differ after the catalogue or an organization's settings changed, or after a bug.
import type { Client } from "pg";
import * as z from "zod";
import {
  argumentsOf,
  command,
  onDatabase,
  organizationNamed,
  runIfMain,
  type Terminal,
  UsageError,
} from "./operator.ts";

const usage =
  `usage: npm run grants -- rebuild [--organization <key or id>] [--apply] [--database <url>]

  rebuild         prints every grant that is not what the facts give; exit code 1 if there is one
  --organization  only this organization's subscriptions
  --apply         makes the stored grants right, a batch at a time, and tells the sessions' listeners

The database is --database or DATABASE_URL, as the role postgres.`;

/** Subscriptions that are compared, and repaired, in one transaction. */
const BATCH = 100;

const grant = z.object({ quantity: z.number().nullable(), expiresAt: z.string().nullable() });
const difference = z.object({
  subscriptionId: z.string(),
  externalId: z.string(),
  feature: z.string(),
  stored: grant.nullable(),
  computed: grant.nullable(),
});
const rebuilt = z.object({
  checked: z.number(),
  last: z.string().nullable(),
  differences: z.array(difference),
});
type Difference = z.infer<typeof difference>;

function shown(held: Difference["stored"]): string {
  if (held === null) return "nothing";
  const until = held.expiresAt === null ? "" : ` until ${held.expiresAt}`;
  return `${held.quantity ?? "unlimited"}${until}`;
}

function line({ subscriptionId, externalId, feature, stored, computed }: Difference): string {
  return [
    `subscription ${subscriptionId}`,
    `customer ${externalId}`,
    feature,
    `stored ${shown(stored)}`,
    `computed ${shown(computed)}`,
  ].join("  ");
}

async function rebuild(
  client: Client,
  { out }: Terminal,
  organization: string | undefined,
  apply: boolean,
): Promise<number> {
  let after: string | null = null;
  let checked = 0;
  let differences = 0;
  for (;;) {
    const { rows: [row] }: { rows: { result: unknown }[] } = await client.query(
      "select billing_private.rebuild_grants($1, $2, $3, $4) as result",
      [BATCH, apply, after, organization ?? null],
    );
    const batch = rebuilt.parse(row?.result);
    for (const each of batch.differences) out(line(each));
    checked += batch.checked;
    differences += batch.differences.length;
    if (batch.last === null) break;
    after = batch.last;
  }
  out(
    `${checked} subscriptions, ${differences} differences${
      apply && differences > 0 ? ", repaired" : ""
    }`,
  );
  return differences;
}

export const grants = command(usage, async (terminal) => {
  const { values, positionals } = argumentsOf(terminal, {
    allowPositionals: true,
    options: {
      database: { type: "string" },
      organization: { type: "string" },
      apply: { type: "boolean", default: false },
    },
  });
  if (positionals.join(" ") !== "rebuild") throw new UsageError("which command?");
  const { organization, apply } = values;
  const differences = await onDatabase(
    terminal,
    values.database,
    async (client) => {
      const id = organization && await organizationNamed(client, organization);
      return rebuild(client, terminal, id, apply);
    },
  );
  // What has been repaired is told as well, so that a job that runs this notices.
  return differences > 0 ? 1 : 0;
});

await runIfMain(import.meta.url, grants);
