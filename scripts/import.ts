// `npm run import -- --from <database url>`: moves customers and their subscriptions in from the system before this one.
import type { Client } from "pg";
import { onAccount } from "../shared/stripe/account.ts";
import { AccountGone } from "../shared/stripe/errors.ts";
import { read } from "../shared/stripe/write.ts";
import { checkMode } from "./backfill/places.ts";
import { gather } from "./import/gather.ts";
import type { Left } from "./import/left.ts";
import { leftOfDeleted, type Move, type Moved, movePerson } from "./import/move.ts";
import { reportOf, tell } from "./import/report.ts";
import { readSource, type Source } from "./import/source.ts";
import { askWho } from "./import/told.ts";
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
  `usage: npm run import -- --from <database url> --organization <key or id> [--from-organization <id>] [--apply] [--json]
                          [--database <url>]

  moves the customers and subscriptions of the system before this one in, so that a subscription goes on here. Reads its
  tables in a transaction that cannot write, asks Stripe how each subscription is, and says what would come over; changes
  nothing here
  --from-organization  whose rows, by the id there, where there are several organizations
  --apply              takes in what can be; a second run goes on where the first was stopped, and changes nothing else
  --json               one JSON document: the counts, and each row that was left with its reason

The prices must be in the catalogue first. The database is --database or DATABASE_URL, as the role postgres; Stripe is that
of STRIPE_SECRET_KEY, of whose rate half is left to the shop. Exit code 0: everything came over; 1: rows were left; 2: bad
input, nothing was done.`;

export const importCommand = command(usage, async (terminal) => {
  const { values } = argumentsOf(terminal, {
    options: {
      from: { type: "string" },
      organization: { type: "string" },
      "from-organization": { type: "string" },
      apply: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      database: { type: "string" },
    },
  });
  const { from, organization, apply, json } = values;
  if (from === undefined) {
    throw new UsageError("--from: give the connection string of the system before's database");
  }
  const stripe = operatorStripe(terminal);
  try {
    return await onDatabase(terminal, values.database, async (client) => {
      const organizationId = await organizationNamed(client, organization);
      await checkMode(client, stripe.livemode, organizationId);
      const source = await onDatabase(
        terminal,
        from,
        (old) => readSource(old, values["from-organization"]),
        "--from",
      );
      const move = await destination(terminal, client, stripe, { organizationId, apply });
      const { moved, left } = await moveAll(terminal, move, source);
      const report = reportOf(apply, source, moved, left);
      if (json) terminal.out(JSON.stringify(report));
      else tell(terminal, report);
      return left.length > 0 ? 1 : 0;
    });
  } catch (error) {
    throw keyRefusal(error) ?? error;
  }
});

async function destination(
  terminal: Terminal,
  client: Client,
  { reading }: OperatorStripe,
  { organizationId, apply }: Pick<Move, "organizationId" | "apply">,
): Promise<Move> {
  const { rows: [organization] } = await client.query<{ account: string | null }>(
    "select o.stripe_account_id as account from billing.organizations o where o.id = $1",
    [organizationId],
  );
  const { rows } = await client.query<{ id: string }>(
    `select distinct pr.stripe_price_id as id from billing.product_prices pr
     where pr.organization_id = $1 and pr.stripe_price_id is not null`,
    [organizationId],
  );
  if (rows.length === 0) {
    throw new UsageError(
      "--organization: sells nothing at Stripe yet: push its catalogue first, with the prices that are billed",
    );
  }
  const account = organization?.account ?? null;
  try {
    await read(() => reading.subscriptions.list({ limit: 1 }, onAccount(account)));
  } catch (error) {
    if (!(error instanceof AccountGone)) throw error;
    throw new UsageError(
      `--organization: Stripe does not let this key act for its account ${account ?? ""}`,
    );
  }
  return {
    client,
    stripe: reading,
    ports: syncPorts(terminal, client, reading),
    organizationId,
    account,
    prices: new Set(rows.map(({ id }) => id)),
    apply,
  };
}

async function moveAll(
  { progress }: Terminal,
  move: Move,
  source: Source,
): Promise<{ readonly moved: readonly Moved[]; readonly left: readonly Left[] }> {
  const gathered = gather(source);
  const { people, ofDeleted, left } = gathered;
  const told = await askWho(move, gathered);
  const moved: Moved[] = [];
  for (const person of people) {
    moved.push(await movePerson(move, person, told.get(person.externalId)));
    if (moved.length % 100 === 0) progress?.(`${moved.length} of ${people.length} customers`);
  }
  const deleted: Left[] = [];
  for (const held of ofDeleted) deleted.push(...await leftOfDeleted(move, held));
  return { moved, left: [...left, ...moved.flatMap((one) => one.left), ...deleted] };
}

await runIfMain(import.meta.url, importCommand);
