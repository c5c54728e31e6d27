import type { Client } from "pg";
import { UsageError } from "../usage-error.ts";
import type { Context } from "./context.ts";
import { functionSlugs } from "./function-slugs.ts";
import { sha256 } from "./secret-digest.ts";
import type { Step } from "./step.ts";

/** Of a function its slug, of a secret its name: a project has one of each, whoever has put it there. */
export interface Name {
  readonly kind: "function" | "secret";
  readonly name: string;
}

type Where = Pick<Context, "database" | "management" | "settings" | "folder">;

/** Where the secrets of the webhook endpoints are stored. */
export const WEBHOOK_SECRETS = "STRIPE_WEBHOOK_SECRETS";

/** What a deploy has put there, or is about to: nothing where the schema is not there. */
export async function ownNames(
  database: Client,
): Promise<Readonly<Record<Name["kind"], ReadonlySet<string>>>> {
  const { rows: [there] } = await database.query<{ table: string | null }>(
    "select to_regclass('billing.deployed_names')::text as table",
  );
  const { rows } = there === undefined || there.table === null
    ? { rows: [] }
    : await database.query<Name>("select kind, name from billing.deployed_names");
  const of = (wanted: Name["kind"]) =>
    new Set(rows.filter(({ kind }) => kind === wanted).map(({ name }) => name));
  return { function: of("function"), secret: of("secret") };
}

/**
 * The names that a deploy needs and that are not its own yet: free ones, and those that the project has from somebody else. A
 * secret of somebody else's that has the same value is neither: it is left as it is, and theirs.
 */
async function namesToTake({ database, management, settings, folder }: Where) {
  const own = await ownNames(database);
  const deployed = new Set((await management.functions()).map(({ slug }) => slug));
  const digests = await management.secretDigests();
  const needed: readonly Name[] = [
    ...(await functionSlugs(folder)).map((name) => ({ kind: "function" as const, name })),
    ...[...Object.keys(settings.secrets), WEBHOOK_SECRETS]
      .map((name) => ({ kind: "secret" as const, name })),
  ];
  const isSame = ({ kind, name }: Name) => {
    const value = kind === "secret" ? settings.secrets[name] : undefined;
    return value !== undefined && digests.get(name) === sha256(value);
  };
  const open = needed.filter((one) => !own[one.kind].has(one.name) && !isSame(one));
  const isThere = ({ kind, name }: Name) =>
    kind === "function" ? deployed.has(name) : digests.has(name);
  return { free: open.filter((one) => !isThere(one)), taken: open.filter(isThere) };
}

const spoken = ({ kind, name }: Name) => `${kind} ${name}`;

/** Throws `UsageError` that names each function and secret of somebody else's which a deploy would write over. */
export async function namesAreFree(where: Where): Promise<void> {
  const { taken } = await namesToTake(where);
  if (taken.length === 0) return;
  throw new UsageError(
    `the project has these, and no deploy has put them there: ${taken.map(spoken).join(", ")}. ` +
      "They would be written over: rename them, use another project, or say --take-over; what is taken over, uninstall takes out",
  );
}

/** Written down before the first of them is put there, so that a run that dies in between leaves nothing that nobody owns up to. */
export function ownership(where: Where): Step {
  return {
    name: "ownership",
    async check() {
      const { free, taken } = await namesToTake(where);
      return [
        ...(free.length === 0
          ? []
          : [`write down that ${free.length} functions and secrets are ours`]),
        ...taken.map((one) => `take over ${spoken(one)}`),
      ];
    },
    async apply() {
      const { free, taken } = await namesToTake(where);
      const names = [...free, ...taken];
      await where.database.query(
        `insert into billing.deployed_names (kind, name)
         select kind, name from unnest($1::text[], $2::text[]) as n (kind, name) on conflict do nothing`,
        [names.map(({ kind }) => kind), names.map(({ name }) => name)],
      );
    },
  };
}
