import { digestKeyCheck, digestKeyOf, storedDigestKeyCheck } from "../keys/digest-key.ts";
import { UsageError } from "../usage-error.ts";
import type { Context } from "./context.ts";
import { hasSchema } from "./cron.ts";
import type { Step } from "./step.ts";

type Where = Pick<Context, "database" | "settings">;

/** Whether the key that is given is another than the one that organization keys were made with. */
async function isAnother({ database, settings: { secrets } }: Where): Promise<boolean> {
  const stored = await hasSchema(database, "billing_private")
    ? await storedDigestKeyCheck(database)
    : undefined;
  return stored !== undefined && stored !== digestKeyCheck(digestKeyOf(secrets));
}

/** Throws `UsageError` where every organization key and every open checkout would become unknown. */
export async function digestKeyIsTheSame(where: Where): Promise<void> {
  if (!await isAnother(where)) return;
  throw new UsageError(
    "CHECKOUT_DIGEST_KEY: is not the key that this project's organization keys were made with, all of which would open nothing " +
      "any more: take the one that was kept from the first deploy; if it is replaced on purpose, say --new-digest-key " +
      "(docs/operations.md, Rotating keys)",
  );
}

/** After the functions were given it: from then on organization keys are made with the new one. */
export function newDigestKey(where: Where): Step {
  return {
    name: "digest key",
    check: async () =>
      await isAnother(where)
        ? ["replace it: organization keys that were made before open nothing any more"]
        : [],
    apply: async () => {
      await where.database.query(
        "update billing_private.digest_key_check set value = $1, written_at = now()",
        [digestKeyCheck(digestKeyOf(where.settings.secrets))],
      );
    },
  };
}
