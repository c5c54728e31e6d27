// `npm run customers -- export|erase`: what one customer may ask of whoever holds their data.
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
  `usage: npm run customers -- <command> --organization <key or id> --customer <external id> [--database <url>]

  export          prints everything held of the customer as one JSON document
  erase [--json]  takes the person out of it for good; amounts, dates and Stripe's ids stay for the books

--customer is the externalUserId that session tokens were made with. The database is --database or DATABASE_URL, as the
role postgres.`;

const erasure = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("erased"),
    pseudonym: z.string(),
    sessions: z.number(),
    events: z.number(),
    stripeCustomerId: z.string().nullable(),
    stripeAccountId: z.string().nullable(),
  }),
  z.object({ outcome: z.literal("not_found") }),
  z.object({ outcome: z.literal("live_subscription"), stripeSubscriptionIds: z.array(z.string()) }),
  z.object({ outcome: z.literal("unfinished"), sessionIds: z.array(z.string()) }),
]);
type Erased = Extract<z.infer<typeof erasure>, { outcome: "erased" }>;

class Refusal extends Error {}

async function call(client: Client, name: string, args: readonly string[]): Promise<unknown> {
  const { rows: [row] } = await client.query<{ result: unknown }>(
    `select billing.${name}($1, $2) as result`,
    [...args],
  );
  return row?.result ?? null;
}

const nothingHeld = (customer: string) => new Refusal(`nothing is held of customer ${customer}`);

async function exportCustomer(
  client: Client,
  { out }: Terminal,
  organization: string,
  customer: string,
) {
  const held = await call(client, "export_customer", [organization, customer]);
  if (held === null) throw nothingHeld(customer);
  out(JSON.stringify(held, null, 2));
}

async function erase(
  client: Client,
  { out }: Terminal,
  organization: string,
  customer: string,
  json: boolean,
) {
  const answer = erasure.parse(await call(client, "erase_customer", [organization, customer]));
  switch (answer.outcome) {
    case "not_found":
      throw nothingHeld(customer);
    case "live_subscription":
      throw new Refusal(
        `nothing was erased: cancel ${answer.stripeSubscriptionIds.join(", ")} at Stripe first`,
      );
    case "unfinished":
      throw new Refusal(
        `nothing was erased: these checkouts may still take money, or owe it; try again when they have ended ` +
          `(an hour at most if nobody pays) and what was paid has gone back, and settle refunds that were given up: ` +
          answer.sessionIds.join(", "),
      );
    case "erased":
      out(json ? JSON.stringify(answer) : told(answer));
  }
}

function told(erased: Erased): string {
  const { pseudonym, sessions, events, stripeCustomerId, stripeAccountId } = erased;
  const account = stripeAccountId === null ? "" : ` (account ${stripeAccountId})`;
  return [
    `erased: ${sessions} checkouts and ${events} stored events now belong to ${pseudonym}`,
    stripeCustomerId === null
      ? "Stripe has no customer of theirs that is known here"
      : `Stripe has a copy of its own: delete ${stripeCustomerId}${account} there`,
    `then erase ${pseudonym} in the same way, for events that came in meanwhile`,
  ].join("\n");
}

export const customers = command(usage, async (terminal) => {
  const { values, positionals: [verb, ...rest] } = argumentsOf(terminal, {
    allowPositionals: true,
    options: {
      database: { type: "string" },
      organization: { type: "string" },
      customer: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  if ((verb !== "export" && verb !== "erase") || rest.length > 0) {
    throw new UsageError("which command?");
  }
  const { customer } = values;
  if (values.organization === undefined) throw new UsageError("--organization is missing");
  if (customer === undefined || customer === "") throw new UsageError("--customer is missing");
  await onDatabase(
    terminal,
    values.database,
    async (client) => {
      const organization = await organizationNamed(client, values.organization);
      if (verb === "export") await exportCustomer(client, terminal, organization, customer);
      else await erase(client, terminal, organization, customer, values.json);
    },
  );
});

await runIfMain(import.meta.url, customers);
