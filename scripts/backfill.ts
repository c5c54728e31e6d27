// `npm run backfill -- --since <date>`: compares rows with Stripe, for operators, and brings them in line as webhooks would.
import type { Client } from "pg";
import * as z from "zod";
import { AccountGone } from "../shared/stripe/errors.ts";
import { cursors } from "./backfill/cursor.ts";
import type { Outcome, Resumed } from "./backfill/outcome.ts";
import { placesOf } from "./backfill/places.ts";
import { line, resumedLine, tallyOf, tell } from "./backfill/report.ts";
import { rowsOf } from "./backfill/rows.ts";
import { walk } from "./backfill/walk.ts";
import {
  argumentsOf,
  command,
  onDatabase,
  organizationNamed,
  runIfMain,
  type Terminal,
  UsageError,
} from "./operator.ts";
import { keyRefusal, type OperatorStripe, operatorStripe } from "./stripe/operator-stripe.ts";
import { syncPorts } from "./sync-ports.ts";

const usage =
  `usage: npm run backfill -- --since <date> [--organization <key or id>] [--apply] [--json] [--database <url>]

  compares what Stripe has with the rows here: subscriptions, invoices, refunds and disputes since a day (2026-01-31) or an
  instant (2026-01-31T12:00:00Z), older ones that still change, and connected accounts. Says what differs; changes nothing
  --organization  only this one's; all of the key's mode unless told
  --apply         brings in line what differs, by the same steps as Stripe's events; charges nothing. A checkout that stopped
                  half-way is completed, or refunded and its subscription canceled where it is too late, as reconcile does it.
                  One that was stopped goes on where it was when the same is asked for again within a day
  --json          one JSON document: the counts, and each finding

The database is --database or DATABASE_URL, as the role postgres; Stripe is that of STRIPE_SECRET_KEY, of whose rate half is
left to the shop. Exit code 0: all in line; 1: something is not, or not any more with --apply; 2: bad input, nothing was done.`;

const instant = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

interface Asked {
  /** Unix seconds. */
  readonly since: number;
  readonly organization: string | undefined;
  readonly apply: boolean;
  readonly json: boolean;
}

export const backfill = command(usage, async (terminal) => {
  const { values } = argumentsOf(terminal, {
    options: {
      since: { type: "string" },
      organization: { type: "string" },
      apply: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      database: { type: "string" },
    },
  });
  const asked = { ...values, organization: values.organization, since: sinceOf(values.since) };
  const stripe = operatorStripe(terminal);
  try {
    return await onDatabase(
      terminal,
      values.database,
      (client) => run(terminal, client, stripe, asked),
    );
  } catch (error) {
    throw keyRefusal(error) ?? error;
  }
});

/** Unix seconds. */
function sinceOf(text: string | undefined): number {
  const { data } = instant.safeParse(text);
  if (data === undefined) {
    throw new UsageError("--since: say from when, as 2026-01-31 or 2026-01-31T12:00:00Z");
  }
  const since = Math.floor(Date.parse(data) / 1000);
  if (since > Date.now() / 1000) throw new UsageError("--since: that is still to come");
  return since;
}

async function run(
  terminal: Terminal,
  client: Client,
  { livemode, reading, writing }: OperatorStripe,
  { since, organization, apply, json }: Asked,
): Promise<number> {
  const organizationId = organization === undefined
    ? undefined
    : await organizationNamed(client, organization);
  const places = await placesOf(client, livemode, organizationId);
  const outcomes: Outcome[] = [];
  const onOutcome = (outcome: Outcome) => {
    outcomes.push(outcome);
    if (!json) terminal.out(line(outcome));
  };
  const resumed: Resumed[] = [];
  const onResumed = (one: Resumed) => {
    resumed.push(one);
    if (!json) terminal.out(resumedLine(one));
  };
  const position = cursors(client, since);
  const ports = syncPorts(terminal, client, reading);
  const completing = syncPorts(terminal, client, writing);
  for (const place of places) {
    const look = {
      place,
      since,
      client,
      rows: rowsOf(client, place),
      stripe: reading,
      ports,
      completing,
      compared: new Set<string>(),
      lost: new Set<string>(),
      billed: new Set<string>(),
    };
    try {
      await walk(look, {
        ...(apply ? { cursors: position } : {}),
        onResumed,
        onOutcome,
        onPage: (stage, read) =>
          terminal.progress?.(`${place.account ?? "own account"}: ${read} of ${stage}`),
      });
    } catch (error) {
      if (!(error instanceof AccountGone) || place.account === null) throw error;
      // Taken away from the platform: nothing can be read there.
      onOutcome({
        kind: "account",
        stripeId: place.account,
        problem: "gone",
        account: place.account,
        ...(apply ? { repaired: false } : {}),
      });
    }
  }
  if (apply) await position.forget(places);
  const tally = tallyOf(
    { since: new Date(since * 1000).toISOString(), applied: apply, accounts: places.length },
    outcomes,
    resumed,
  );
  if (json) terminal.out(JSON.stringify({ ...tally, findings: outcomes }));
  else tell(terminal, tally);
  return tally.left > 0 ? 1 : 0;
}

await runIfMain(import.meta.url, backfill);
