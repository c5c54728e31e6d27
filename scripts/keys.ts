// `npm run keys -- create|list|revoke`: an organization's secret keys, for operators. Several may be alive at once, so
// that one is replaced without a gap.
import type { Client } from "pg";
import { digestKeyOf } from "./keys/digest-key.ts";
import { createOrganizationKey, type NewKey } from "./keys/organization-key.ts";
import { revokeKey } from "./keys/revoke.ts";
import {
  argumentsOf,
  command,
  onDatabase,
  organizationNamed,
  runIfMain,
  type Terminal,
  UsageError,
} from "./operator.ts";

const usage = `usage: npm run keys -- <command> [--database <url>] [--json]

  create --organization <key or id> [--name <name>] [--live] [--new-digest-key]
             makes a secret key and shows it once; needs CHECKOUT_DIGEST_KEY in the environment, the one that the functions have;
             --new-digest-key says that it was replaced there, so that keys that were made with the old one open nothing
  list --organization <key or id>
             its keys, those that were revoked too
  revoke <id or first 12 characters> [--tokens]
             takes a key back at once; with --tokens also the session tokens that it made

The database is --database or DATABASE_URL, as the role postgres.`;

interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  readonly revoked_at: Date | null;
}

async function create(
  client: Client,
  { env, out, err }: Terminal,
  wanted: NewKey,
  json: boolean,
): Promise<void> {
  if (wanted.name.trim() === "" || /\p{Cc}/u.test(wanted.name)) {
    throw new UsageError("--name takes a text without control characters");
  }
  const made = await createOrganizationKey(client, digestKeyOf(env), wanted);
  if (made === undefined) {
    const { organizationId, livemode } = wanted;
    await organizationIsThere(client, organizationId);
    throw new UsageError(
      livemode
        ? `organization ${organizationId} is in test mode: leave out --live`
        : `organization ${organizationId} is in live mode: its keys are made with --live`,
    );
  }
  if (json) out(JSON.stringify({ ...made, name: wanted.name }));
  else {
    // The key alone on stdout, so that it can go into a secret store without passing a screen.
    out(made.key);
    err(`key ${made.id}, shown this once: keep it where you keep your secrets`);
  }
}

async function list(
  client: Client,
  { out }: Terminal,
  organizationId: string,
  json: boolean,
): Promise<void> {
  await organizationIsThere(client, organizationId);
  const { rows } = await client.query<KeyRow>(
    `select id, name, prefix, created_at, last_used_at, revoked_at from billing.api_keys
     where organization_id = $1 order by created_at, id`,
    [organizationId],
  );
  if (json) {
    out(JSON.stringify(rows.map((row) => ({
      id: row.id,
      name: row.name,
      prefix: row.prefix,
      createdAt: row.created_at,
      lastUsedAt: row.last_used_at,
      revokedAt: row.revoked_at,
    }))));
    return;
  }
  for (const row of rows) {
    out(
      [
        row.id,
        `${row.prefix}…`,
        row.name,
        `created ${row.created_at.toISOString()}`,
        row.last_used_at === null ? "never used" : `last used ${row.last_used_at.toISOString()}`,
        row.revoked_at === null ? "alive" : `revoked ${row.revoked_at.toISOString()}`,
      ].join("  "),
    );
  }
  out(`${rows.filter((row) => row.revoked_at === null).length} alive of ${rows.length}`);
}

async function revoke(
  client: Client,
  { out }: Terminal,
  nameOfKey: string,
  withTokens: boolean,
  json: boolean,
): Promise<void> {
  const revoked = await revokeKey(client, nameOfKey, withTokens);
  if (json) {
    out(JSON.stringify(revoked));
    return;
  }
  out(
    `${revoked.prefix}… (${revoked.id}) opens nothing since ${revoked.revokedAt.toISOString()}`,
  );
  if (revoked.tokensAlive > 0) {
    out(
      `${revoked.tokensAlive} session tokens that it made are alive; --tokens revokes them too`,
    );
  }
}

async function organizationIsThere(client: Client, organizationId: string): Promise<void> {
  const { rowCount } = await client.query("select from billing.organizations where id = $1", [
    organizationId,
  ]);
  if (rowCount === 0) throw new UsageError(`no organization ${organizationId}`);
}

export const keys = command(usage, async (terminal) => {
  const { values, positionals: [verb, nameOfKey, ...rest] } = argumentsOf(terminal, {
    allowPositionals: true,
    options: {
      database: { type: "string" },
      organization: { type: "string" },
      name: { type: "string", default: "default" },
      live: { type: "boolean", default: false },
      "new-digest-key": { type: "boolean", default: false },
      tokens: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const takesKey = verb === "revoke";
  if (!takesKey && verb !== "create" && verb !== "list") {
    throw new UsageError("which command?");
  }
  if (takesKey && nameOfKey === undefined) throw new UsageError("which key?");
  if ((!takesKey && nameOfKey !== undefined) || rest.length > 0) {
    throw new UsageError("more arguments than the command takes");
  }
  if (!takesKey && values.organization === undefined) {
    throw new UsageError("--organization is missing");
  }
  await onDatabase(terminal, values.database, async (client) => {
    if (takesKey) return revoke(client, terminal, nameOfKey ?? "", values.tokens, values.json);
    const organizationId = await organizationNamed(client, values.organization);
    if (verb === "list") await list(client, terminal, organizationId, values.json);
    else {
      const wanted = {
        organizationId,
        name: values.name,
        livemode: values.live,
        hasNewDigestKey: values["new-digest-key"],
      };
      await create(client, terminal, wanted, values.json);
    }
  });
});

await runIfMain(import.meta.url, keys);
