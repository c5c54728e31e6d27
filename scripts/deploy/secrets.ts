import type { Context } from "./context.ts";
import { ownNames } from "./ownership.ts";
import { sha256 } from "./secret-digest.ts";
import { OPTIONAL } from "./settings.ts";
import type { Step } from "./step.ts";

/**
 * The variables of the functions, webhook secrets aside, which are known where the endpoints are made. What a deploy has set and is
 * no longer given is unset.
 */
export function functionSecrets(
  { management, database, settings: { secrets } }: Pick<
    Context,
    "management" | "database" | "settings"
  >,
): Step {
  async function look() {
    const digests = await management.secretDigests();
    const own = await ownNames(database);
    return {
      stale: Object.entries(secrets).filter(([name, value]) => digests.get(name) !== sha256(value)),
      surplus: OPTIONAL.filter((name) =>
        secrets[name] === undefined && digests.has(name) && own.secret.has(name)
      ),
    };
  }
  return {
    name: "function secrets",
    check: async () => {
      const { stale, surplus } = await look();
      return [
        ...stale.map(([name]) => `set ${name}`),
        ...surplus.map((name) => `unset ${name}, which is no longer given`),
      ];
    },
    apply: async () => {
      const { stale, surplus } = await look();
      if (stale.length > 0) await management.setSecrets(Object.fromEntries(stale));
      if (surplus.length > 0) await management.unsetSecrets(surplus);
    },
  };
}
