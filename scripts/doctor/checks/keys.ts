import Stripe from "stripe";
import { check, told } from "../check.ts";
import { count } from "../project.ts";

export interface KeysReading {
  readonly isLive: boolean;
  /** Of the functions; undefined where they do not tell. */
  readonly isLiveThere: boolean | undefined;
  readonly organizations: number;
  /** Those in the other mode. */
  readonly strangers: number;
  /** Why Stripe refuses the operator's key. */
  readonly refusal: string | undefined;
}

const mode = (isLive: boolean) => isLive ? "live" : "test";

/** Whether the keys are good, and all of one mode. */
export const keys = check({
  name: "keys",
  findings: {
    "refused": {
      severity: "failure",
      fix:
        "set STRIPE_SECRET_KEY to a key that is alive and may do what docs/deploy.md lists, and run `npm run deploy`",
    },
    "other-mode-there": {
      severity: "failure",
      fix:
        "run `npm run deploy` with the secrets of this project's mode, or look at the project that they belong to",
    },
    "organizations-of-other-mode": {
      severity: "warning",
      fix:
        "one project serves one mode: move those organizations to a project of their own, or correct their livemode",
    },
  },
  read: async (project): Promise<KeysReading> => {
    const { livemode } = project.settings.stripe;
    return {
      isLive: livemode,
      isLiveThere: (await project.health()).health?.livemode,
      organizations: await count(project, "select count(*) from billing.organizations"),
      strangers: await count(
        project,
        "select count(*) from billing.organizations where livemode <> $1",
        [livemode],
      ),
      refusal: await refusalOf(project.stripe),
    };
  },
  judge: ({ isLive, isLiveThere, organizations, strangers, refusal }: KeysReading) =>
    told(
      [refusal !== undefined, "refused", `Stripe refuses STRIPE_SECRET_KEY: ${refusal}`],
      [
        isLiveThere !== undefined && isLiveThere !== isLive,
        "other-mode-there",
        `STRIPE_SECRET_KEY is a ${mode(isLive)} key, and the functions have a ${mode(!isLive)} key`,
      ],
      [
        strangers > 0,
        "organizations-of-other-mode",
        `${strangers} of ${organizations} organizations are in ${
          mode(!isLive)
        } mode, and can sell nothing with ${mode(isLive)} keys`,
      ],
    ),
});

/** Stripe's type of error says enough; its message repeats part of the key. */
async function refusalOf(stripe: Stripe): Promise<string | undefined> {
  try {
    await stripe.events.list({ limit: 1 });
    return undefined;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error.type;
    throw error;
  }
}
