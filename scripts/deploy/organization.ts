import type { Client } from "pg";
import type { Catalogue } from "../../catalogue/define.ts";
import { digestKeyOf } from "../keys/digest-key.ts";
import { createOrganizationKey } from "../keys/organization-key.ts";
import { UsageError } from "../usage-error.ts";
import type { Context } from "./context.ts";
import { hasSchema } from "./cron.ts";
import type { Step } from "./step.ts";

interface Found {
  readonly id: string;
  readonly name: string;
  /** In its catalogue; null where no catalogue was pushed. */
  readonly key: string | null;
  readonly livemode: boolean;
  readonly sells: boolean;
  /** How many of its secret keys open something. */
  readonly keys: number;
}

type Named = Pick<Catalogue["organization"], "key" | "name">;

/** All organizations, oldest first. A schema of an earlier release may be without the column `key`. */
async function organizations(database: Client): Promise<readonly Found[]> {
  if (!await hasSchema(database, "billing")) return [];
  const { rows } = await database.query<Found>(
    `select o.id, o.name, to_jsonb(o) ->> 'key' as key, o.livemode,
       exists (select from billing.products p where p.organization_id = o.id) as sells,
       (select count(*)::integer from billing.api_keys k where k.organization_id = o.id and k.revoked_at is null) as keys
     from billing.organizations o order by o.created_at, o.id`,
  );
  return rows;
}

/** A connected account that is sold on already, if there is one. */
export async function anAccountOf(database: Client): Promise<string | undefined> {
  if (!await hasSchema(database, "billing")) return undefined;
  const { rows: [one] } = await database.query<{ account: string }>(
    `select stripe_account_id as account from billing.organizations
     where stripe_account_id is not null order by created_at, id limit 1`,
  );
  return one?.account;
}

/**
 * Throws `UsageError` where what was sold here is of the other mode than the key: one project serves one mode, and functions that
 * are given the other's key find nothing at Stripe of what their customers have.
 */
export async function projectIsOfMode(
  { database, settings: { livemode } }: Pick<Context, "database" | "settings">,
) {
  const others = (await organizations(database)).filter((one) => one.livemode !== livemode);
  if (others.length === 0) return;
  throw new UsageError(
    `STRIPE_SECRET_KEY: is of ${
      livemode ? "live" : "test"
    } mode, and the project's organizations (${
      others.map(({ name }) => name).slice(0, 3).join(", ")
    }) of the other; take a key of their mode, or another project`,
  );
}

/**
 * Throws `UsageError` where the first organization is to be made and nobody has named it.
 *
 * @param name what follows --organization
 * @param catalogue the organization of the catalogue that is pushed, which is then the one that sells
 */
export async function organizationIsNamed(
  { database }: Pick<Context, "database">,
  name: string | undefined,
  catalogue: Named | undefined,
) {
  if (name !== undefined && (name.trim() === "" || name.length > 200 || /\p{Cc}/u.test(name))) {
    throw new UsageError("--organization: takes a name of up to 200 characters");
  }
  if (catalogue !== undefined) return;
  const all = await organizations(database);
  if (name === undefined && all.length === 0) {
    throw new UsageError(
      "--organization: is missing; name the first organization, which sells here, or write what it sells into " +
        "billing.catalogue.ts, which names it too",
    );
  }
}

interface Wanted {
  readonly name: string | undefined;
  /** Of the catalogue that is pushed. */
  readonly catalogue: Named | undefined;
  /** Takes the secret key, this once. */
  readonly show: (key: string) => void;
}

/**
 * The organization and its first secret key. With a catalogue it is the one of its key, else one that a deploy before made with neither
 * key nor products, which gets the key, else a new one; the catalogue's push sets all else. Without a catalogue it is the first of its
 * mode. One that is there keeps what it has, and gets a secret key only where it has none.
 */
export function firstOrganization(context: Context, { name, catalogue, show }: Wanted): Step {
  const { database, settings: { livemode, secrets } } = context;
  async function look() {
    const found = (await organizations(database)).filter((one) => one.livemode === livemode);
    if (catalogue === undefined) return found.find(({ keys }) => keys > 0) ?? found[0];
    return found.find(({ key }) => key === catalogue.key) ??
      found.find(({ key, sells }) => key === null && !sells);
  }
  async function made(): Promise<Pick<Found, "id" | "keys">> {
    const one = await look();
    if (one !== undefined) {
      if (catalogue !== undefined && one.key === null) {
        await database.query("update billing.organizations set key = $2 where id = $1", [
          one.id,
          catalogue.key,
        ]);
      }
      return one;
    }
    const { rows: [row] } = await database.query<Pick<Found, "id" | "keys">>(
      "insert into billing.organizations (name, livemode, key) values ($1, $2, $3) returning id, 0 as keys",
      [catalogue?.name ?? name, livemode, catalogue?.key ?? null],
    );
    if (row === undefined) throw new Error("the organization was not made");
    return row;
  }
  return {
    name: "organization",
    async check() {
      const one = await look();
      const key = catalogue?.key;
      return [
        ...(one === undefined ? [`make the organization ${catalogue?.name ?? name ?? ""}`] : []),
        ...(one !== undefined && one.key === null && key !== undefined
          ? [`give the organization ${one.name}, which sells nothing yet, the key ${key}`]
          : []),
        ...(one !== undefined && one.keys > 0 ? [] : ["make its secret key"]),
      ];
    },
    async apply(say) {
      const { id, keys } = await made();
      say(`organization ${id} is there`);
      if (keys > 0) return;
      const secret = await createOrganizationKey(database, digestKeyOf(secrets), {
        organizationId: id,
        name: "deploy",
        livemode,
      });
      if (secret === undefined) throw new Error(`organization ${id} is gone`);
      say(
        `made key ${secret.id} (${secret.prefix}…), shown this once: keep it where you keep your secrets`,
      );
      show(secret.key);
    },
  };
}
