// `npm run members -- add|list|remove`: who of the project's users may look at an organization's checkouts on the operator's page.
import type { Client } from "pg";
import {
  argumentsOf,
  command,
  isRowId,
  onDatabase,
  organizationNamed,
  runIfMain,
  type Terminal,
  UsageError,
} from "./operator.ts";

const usage =
  `usage: npm run members -- <command> --organization <key or id> [--user <uuid>] [--database <url>] [--json]

  add --user <uuid>     lets a user of the project's Supabase Auth look at the organization's checkouts, and replay its dead events
  list                  who may, and whether with a second factor or by the password alone
  remove --user <uuid>  takes it back at once

The database is --database or DATABASE_URL, as the role postgres.`;

interface Member {
  readonly userId: string;
  readonly since: Date;
  /** Of Supabase Auth; null where it has no such user any more. */
  readonly email: string | null;
  /** Whether a password alone opens nothing of theirs. */
  readonly secondFactor: boolean;
}

/** Whether the project's Supabase Auth has such a user; undefined where the database has no Supabase Auth. */
async function hasUser(client: Client, userId: string): Promise<boolean | undefined> {
  const { rows: [auth] } = await client.query<{ there: boolean }>(
    "select to_regclass('auth.users') is not null as there",
  );
  if (auth?.there !== true) return undefined;
  const { rowCount } = await client.query(
    "select from auth.users where id = $1 and deleted_at is null and not is_anonymous",
    [userId],
  );
  return rowCount === 1;
}

async function add(client: Client, organizationId: string, userId: string): Promise<boolean> {
  const known = await hasUser(client, userId);
  if (known === undefined) throw new Error("the project has no Supabase Auth (auth.users)");
  if (!known) throw new UsageError(`the project's Supabase Auth has no user ${userId} with a name`);
  const { rowCount } = await client.query(
    `insert into billing.organization_members (organization_id, user_id)
     select o.id, $2 from billing.organizations o where o.id = $1
     on conflict do nothing`,
    [organizationId, userId],
  );
  if (rowCount === 1) return true;
  const { rowCount: organizations } = await client.query(
    "select from billing.organizations where id = $1",
    [organizationId],
  );
  if (organizations === 0) throw new UsageError(`no organization ${organizationId}`);
  return false;
}

async function remove(client: Client, organizationId: string, userId: string): Promise<boolean> {
  const { rowCount } = await client.query(
    "delete from billing.organization_members where organization_id = $1 and user_id = $2",
    [organizationId, userId],
  );
  return rowCount === 1;
}

async function list(client: Client, organizationId: string): Promise<Member[]> {
  const { rows } = await client.query<Member>(
    `select m.user_id as "userId", m.created_at as since, u.email, exists (
       select from auth.mfa_factors f where f.user_id = u.id and f.status::text = 'verified'
     ) as "secondFactor"
     from billing.organization_members m left join auth.users u on u.id = m.user_id and u.deleted_at is null
     where m.organization_id = $1 order by m.created_at, m.user_id`,
    [organizationId],
  );
  return rows;
}

function tellMembers({ out }: Terminal, members: readonly Member[], json: boolean): void {
  if (json) {
    out(JSON.stringify(members));
    return;
  }
  for (const { userId, email, since, secondFactor } of members) {
    const opens = secondFactor ? "second factor" : "password alone";
    out(`${userId}  ${email ?? "no user of this id"}  since ${since.toISOString()}  ${opens}`);
  }
  out(`${members.length} ${members.length === 1 ? "member" : "members"}`);
}

export const members = command(usage, async (terminal) => {
  const { values, positionals: [verb, ...rest] } = argumentsOf(terminal, {
    allowPositionals: true,
    options: {
      database: { type: "string" },
      organization: { type: "string" },
      user: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const change = new Map([["add", add], ["remove", remove]]).get(verb ?? "");
  if (change === undefined && verb !== "list") throw new UsageError("which command?");
  if (rest.length > 0) throw new UsageError("more arguments than the command takes");
  const { user, json } = values;
  if (change !== undefined && (user === undefined || !isRowId(user))) {
    throw new UsageError("--user takes the id of a user of Supabase Auth, a UUID");
  }
  if (change === undefined && user !== undefined) throw new UsageError("list takes no --user");
  await onDatabase(terminal, values.database, async (client) => {
    const organizationId = await organizationNamed(client, values.organization);
    if (change === undefined || user === undefined) {
      tellMembers(terminal, await list(client, organizationId), json);
      return;
    }
    const changed = await change(client, organizationId, user);
    const what = { add: ["is a member now", "was a member already"] }[verb ?? ""] ??
      ["is no member any more", "was no member"];
    terminal.out(
      json
        ? JSON.stringify({ organizationId, userId: user, changed })
        : `${user} ${what[changed ? 0 : 1]} of ${values.organization}`,
    );
  });
});

await runIfMain(import.meta.url, members);
