import { readDatabase } from "../../catalogue/database/read.ts";
import { CatalogueError } from "../../catalogue/define.ts";
import { due, planOf } from "../../catalogue/plan/plan.ts";
import { render } from "../../catalogue/plan/render.ts";
import { grantsChange } from "../../catalogue/plan/step.ts";
import { push } from "../../catalogue/push.ts";
import { readStripe } from "../../catalogue/stripe/read.ts";
import type { FoundCatalogue } from "../catalogue/load.ts";
import type { Context } from "./context.ts";
import { hasSchema } from "./cron.ts";
import type { Step } from "./step.ts";

const NOTHING_SOLD = {
  organization: null,
  usersElsewhere: [],
  features: [],
  products: [],
  prices: [],
  discounts: [],
};

/** What a deploy pushes: nothing where nobody has named the demo, which would be sold to nobody. */
export const toPush = (found: FoundCatalogue | undefined): FoundCatalogue | undefined =>
  found?.isUnclaimedDemo === true ? undefined : found;

/** The catalogue's own push, with its plan as what is to be done. */
export function catalogue(
  { database, stripe, settings: { livemode } }: Pick<Context, "database" | "stripe"> & {
    readonly settings: Pick<Context["settings"], "livemode">;
  },
  found: FoundCatalogue | undefined,
): Step {
  const wanted = toPush(found)?.wanted;
  return {
    name: "catalogue",
    async check() {
      if (wanted === undefined) return [nothingToPush(found)];
      const { key, stripeAccount } = wanted.organization;
      // In a dry run nothing may be there yet.
      const rows = await hasSchema(database, "billing")
        ? await readDatabase(database, key)
        : NOTHING_SOLD;
      const atStripe = await readStripe(stripe, stripeAccount, () => undefined);
      const plan = planOf(wanted, rows, atStripe, livemode);
      if (plan.problems.length > 0) throw new CatalogueError(plan.problems);
      const steps = due(plan);
      return steps.length === 0 ? [] : render(steps).slice(0, -1).map((line) => `push ${line}`);
    },
    async apply(say) {
      if (wanted === undefined) return;
      const place = { client: database, stripe, livemode, progress: () => undefined };
      const { done, left } = await push(place, wanted);
      say(`pushed ${done.length} changes`);
      if (left.length > 0) {
        say(`${left.length} wait for open checkouts to end; the next push makes them`);
      }
      if (grantsChange(done)) {
        say("features of products have changed: npm run grants -- rebuild shows whom it concerns");
      }
    },
  };
}

function nothingToPush(found: FoundCatalogue | undefined): string {
  const why = found === undefined
    ? "there is no billing.catalogue.ts"
    : `${found.file} is still the demo`;
  return `push nothing, since ${why}: write there what you sell, or name its file with --catalogue`;
}
