import { digestKeyOf } from "../keys/digest-key.ts";
import { createOrganizationKey } from "../keys/organization-key.ts";
import { UsageError } from "../usage-error.ts";
import type { Context } from "./context.ts";
import { hasSchema } from "./cron.ts";
import type { Step } from "./step.ts";

interface Found {
  readonly id: string;
  readonly keys: number;
}

/** The organizations of the project's mode, oldest first, each with how many keys of it open something. */
async function organizations({ database, settings }: Context): Promise<readonly Found[]> {
  if (!await hasSchema(database, "billing")) return [];
  const { rows } = await database.query<Found>(
    `select o.id, count(k.id) filter (where k.revoked_at is null)::integer as keys
       from billing.organizations o left join billing.api_keys k on k.organization_id = o.id
      where o.livemode = $1 group by o.id order by o.created_at, o.id`,
    [settings.livemode],
  );
  return rows;
}

/** Throws `UsageError` where the first organization is to be made and nobody has named it. */
export async function organizationIsNamed(context: Context, name: string | undefined) {
  if (name !== undefined && (name.trim() === "" || name.length > 200 || /\p{Cc}/u.test(name))) {
    throw new UsageError("--organization: takes a name of up to 200 characters");
  }
  if (name === undefined && (await organizations(context)).length === 0) {
    throw new UsageError(
      "--organization: is missing; name the first organization, which sells here",
    );
  }
}

/**
 * The first organization and its first secret key. One that is there stays as it is, and gets a key only where it has none.
 *
 * @param show takes the key, this once
 */
export function firstOrganization(
  context: Context,
  name: string | undefined,
  show: (key: string) => void,
): Step {
  const { database, settings } = context;
  return {
    name: "organization",
    async check() {
      const found = await organizations(context);
      const isOpen = found.some(({ keys }) => keys > 0);
      return [
        ...(found.length > 0 ? [] : [`make the organization ${name ?? ""}`]),
        ...(isOpen ? [] : ["make its secret key"]),
      ];
    },
    async apply(say) {
      let [first] = await organizations(context);
      if (first === undefined) {
        const { rows } = await database.query<Found>(
          "insert into billing.organizations (name, livemode) values ($1, $2) returning id, 0 as keys",
          [name, settings.livemode],
        );
        [first] = rows;
        say(`made organization ${first?.id ?? ""}`);
      }
      if (first === undefined) throw new Error("the organization was not made");
      const made = await createOrganizationKey(database, digestKeyOf(settings.secrets), {
        organizationId: first.id,
        name: "deploy",
        livemode: settings.livemode,
      });
      if (made === undefined) throw new Error(`organization ${first.id} is gone`);
      say(
        `made key ${made.id} (${made.prefix}…), shown this once: keep it where you keep your secrets`,
      );
      show(made.key);
    },
  };
}
