import type { Context } from "./context.ts";
import { browsersMayListen, letBrowsersListen, listenersPolicy } from "./realtime.ts";
import { applySchema, planSchema } from "./schema.ts";
import type { Step } from "./step.ts";

type OnDatabase = Pick<Context, "database" | "migrations">;

export function schema({ database, migrations }: OnDatabase): Step {
  return {
    name: "schema",
    async check() {
      const { pending, pushed } = await planSchema(database, migrations);
      return [
        ...(pushed.length === 0
          ? []
          : [`take ${pushed.length} migrations over from the history of supabase db push`]),
        ...pending.map(({ version, name }) => `apply ${version}_${name}`),
      ];
    },
    apply: (say) => applySchema(database, migrations, say),
  };
}

/** After the schema, whose function it calls; the migrations make it wherever they may. */
export function realtimePolicy({ database, migrations }: OnDatabase, ref: string): Step {
  return {
    name: "realtime policy",
    check: async () =>
      await browsersMayListen(database) ? [] : ["let browsers listen to their checkout"],
    apply: async () => {
      // The migration may have made it a moment ago.
      if (await browsersMayListen(database)) return;
      await letBrowsersListen(database, listenersPolicy(migrations), ref);
    },
  };
}
