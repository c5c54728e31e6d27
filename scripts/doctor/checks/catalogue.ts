import { due } from "../../../catalogue/plan/plan.ts";
import { render } from "../../../catalogue/plan/render.ts";
import { compare } from "../../../catalogue/push.ts";
import { check, told } from "../check.ts";

export interface CatalogueReading {
  /** How the operator calls the file; undefined where there is nothing to compare. */
  readonly file: string | undefined;
  /** The file's organization, where the database has it not. */
  readonly missing: string | undefined;
  /** What a push would do, a line each. */
  readonly drift: readonly string[];
}

const NOTHING: CatalogueReading = { file: undefined, missing: undefined, drift: [] };

/** Whether the file of the catalogue, the database and Stripe agree. */
export const catalogue = check({
  name: "catalogue",
  findings: {
    "not-pushed": {
      severity: "warning",
      fix:
        "run `npm run catalogue -- push`, or name the file of what is sold here with --catalogue",
    },
    "drift": {
      severity: "warning",
      fix:
        "run `npm run catalogue -- plan`; write into the file what is to stay, and push the rest back",
    },
  },
  read: async ({ settings, client, stripe, rows }): Promise<CatalogueReading> => {
    if (settings.catalogue === undefined) return NOTHING;
    const { file, wanted, isUnclaimedDemo } = settings.catalogue;
    const { key } = wanted.organization;
    const found = await rows("select from billing.organizations where key = $1", [key]);
    if (found.length === 0) return isUnclaimedDemo ? NOTHING : { file, missing: key, drift: [] };
    const { livemode } = settings.stripe;
    const { plan } = await compare(
      { client, stripe, livemode, progress: () => undefined },
      wanted,
    );
    const steps = due(plan);
    return {
      file,
      missing: undefined,
      drift: steps.length === 0 ? [] : render(steps).slice(0, -1).map(onOneLine),
    };
  },
  judge: ({ file, missing, drift }: CatalogueReading) =>
    told(
      [
        missing !== undefined,
        "not-pushed",
        `the organization ${missing} of ${file} is not in the database`,
      ],
      [
        drift.length > 0,
        "drift",
        `${file} differs from the database or Stripe: ${drift.slice(0, 5).join("; ")}${
          drift.length > 5 ? ` and ${drift.length - 5} more` : ""
        }`,
      ],
    ),
});

const onOneLine = (line: string): string => line.replaceAll(/\s+/g, " ");
