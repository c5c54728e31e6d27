import Stripe from "stripe";
import { connectStripe } from "../../../shared/stripe/client.ts";
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
  /** And why the publishable key is no use to a page. */
  readonly pagesRefusal: string | undefined;
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
    "publishable-refused": {
      severity: "failure",
      fix:
        "set STRIPE_PUBLISHABLE_KEY to the one that stands beside STRIPE_SECRET_KEY in Stripe's dashboard, of the same account or sandbox, and run `npm run deploy`",
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
    const { livemode, publishableKey } = project.settings.stripe;
    const refusal = await refusalOf(project.stripe);
    const page = connectStripe({ ...project.settings.stripe, secretKey: publishableKey });
    return {
      isLive: livemode,
      isLiveThere: (await project.health()).health?.livemode,
      organizations: await count(project, "select count(*) from billing.organizations"),
      strangers: await count(
        project,
        "select count(*) from billing.organizations where livemode <> $1",
        [livemode],
      ),
      refusal,
      pagesRefusal: refusal === undefined ? await pagesRefusalOf(project.stripe, page) : undefined,
    };
  },
  judge: ({ isLive, isLiveThere, organizations, strangers, refusal, pagesRefusal }: KeysReading) =>
    told(
      [refusal !== undefined, "refused", `Stripe refuses STRIPE_SECRET_KEY: ${refusal}`],
      [
        pagesRefusal !== undefined,
        "publishable-refused",
        `no page can pay: Stripe ${pagesRefusal} STRIPE_PUBLISHABLE_KEY`,
      ],
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

/**
 * A page reads an intent by its client secret and the publishable key (https://docs.stripe.com/api/payment_intents/retrieve). So is the
 * account's last one read here, which a key of another account or sandbox does not find. Where there is none yet, or its secret is not
 * told, whether the key is alive is all that can be said. What else may be wrong with that intent says nothing about the key.
 */
export async function pagesRefusalOf(stripe: Stripe, page: Stripe): Promise<string | undefined> {
  const { data: [last] } = await stripe.paymentIntents.list({ limit: 1 });
  const { id = "pi_none", client_secret: secret = null } = last ?? {};
  try {
    await page.paymentIntents.retrieve(id, { client_secret: secret ?? "pi_none_secret_none" });
    return undefined;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeAuthenticationError) return "does not know";
    if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
    return secret !== null && error.code === "resource_missing"
      ? "finds no payment of STRIPE_SECRET_KEY's account by"
      : undefined;
  }
}
