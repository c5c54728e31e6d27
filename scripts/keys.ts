// `npm run keys -- create|list|revoke`: an organization's secret keys, for operators. Several may be alive at once, so
// that one is replaced without a gap.
import type { Client } from "pg";
import { digestKeyOf } from "./keys/digest-key.ts";
import { createOrganizationKey } from "./keys/organization-key.ts";
import { revokeKey } from "./keys/revoke.ts";
import { argumentsOf, onDatabase, operate, rowId, UsageError } from "./operator.ts";

const usage = `usage: npm run keys -- <command> [--database <url>] [--json]

  create --organization <id> [--name <name>] [--live]
             makes a secret key and shows it once; needs CHECKOUT_DIGEST_KEY in the environment
  list --organization <id>
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
  wanted: { organizationId: string; name: string; livemode: boolean },
  json: boolean,
): Promise<void> {
  if (wanted.name.trim() === "" || /\p{Cc}/u.test(wanted.name)) {
    throw new UsageError("--name takes a text without control characters");
  }
  const made = await createOrganizationKey(client, digestKeyOf(process.env), wanted);
  if (made === undefined) {
    const { organizationId, livemode } = wanted;
    await organizationIsThere(client, organizationId);
    throw new UsageError(
      livemode
        ? `organization ${organizationId} is in test mode: leave out --live`
        : `organization ${organizationId} is in live mode: its keys are made with --live`,
    );
  }
  if (json) console.log(JSON.stringify({ ...made, name: wanted.name }));
  else {
    // The key alone on stdout, so that it can go into a secret store without passing a screen.
    console.log(made.key);
    console.error(`key ${made.id}, shown this once: keep it where you keep your secrets`);
  }
}

async function list(client: Client, organizationId: string, json: boolean): Promise<void> {
  await organizationIsThere(client, organizationId);
  const { rows } = await client.query<KeyRow>(
    `select id, name, prefix, created_at, last_used_at, revoked_at from billing.api_keys
     where organization_id = $1 order by created_at, id`,
    [organizationId],
  );
  if (json) {
    console.log(JSON.stringify(rows.map((row) => ({
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
    console.log(
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
  console.log(`${rows.filter((row) => row.revoked_at === null).length} alive of ${rows.length}`);
}

async function revoke(
  client: Client,
  nameOfKey: string,
  withTokens: boolean,
  json: boolean,
): Promise<void> {
  const revoked = await revokeKey(client, nameOfKey, withTokens);
  if (json) {
    console.log(JSON.stringify(revoked));
    return;
  }
  console.log(
    `${revoked.prefix}… (${revoked.id}) opens nothing since ${revoked.revokedAt.toISOString()}`,
  );
  if (revoked.tokensAlive > 0) {
    console.log(
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

await operate(usage, async () => {
  const { values, positionals: [command, nameOfKey, ...rest] } = argumentsOf({
    allowPositionals: true,
    options: {
      database: { type: "string" },
      organization: { type: "string" },
      name: { type: "string", default: "default" },
      live: { type: "boolean", default: false },
      tokens: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const takesKey = command === "revoke";
  if (!takesKey && command !== "create" && command !== "list") {
    throw new UsageError("which command?");
  }
  if (takesKey && nameOfKey === undefined) throw new UsageError("which key?");
  if ((!takesKey && nameOfKey !== undefined) || rest.length > 0) {
    throw new UsageError("more arguments than the command takes");
  }
  const organizationId = takesKey ? "" : rowId(values.organization, "--organization");
  await onDatabase(values.database, async (client) => {
    if (takesKey) await revoke(client, nameOfKey ?? "", values.tokens, values.json);
    else if (command === "list") await list(client, organizationId, values.json);
    else {
      const wanted = { organizationId, name: values.name, livemode: values.live };
      await create(client, wanted, values.json);
    }
  });
});
