import type Stripe from "stripe";
import { type DescribedSession, stripeMetadata } from "../domain/metadata.ts";
import { present } from "../runtime/present.ts";
import { idempotencyKey } from "./idempotency.ts";
import type { Account } from "./account.ts";
import { writeOrRefuse } from "./write.ts";

export interface NewSetupIntent extends DescribedSession {
  readonly description: string;
  readonly stripeCustomerId: string | null;
}

/** The call that lets a customer set up a card for a subscription with nothing due yet. */
export interface SetupIntents {
  create(input: NewSetupIntent, account: Account): Promise<Stripe.SetupIntent>;
}

export const setupIntents = (stripe: Stripe): SetupIntents => ({
  async create(input, account) {
    const parameters: Stripe.SetupIntentCreateParams = {
      // The customer stays in the app, so methods that live on another site are not offered.
      automatic_payment_methods: { enabled: true, allow_redirects: "never" },
      usage: "off_session",
      description: input.description,
      metadata: stripeMetadata(input),
      ...present({ customer: input.stripeCustomerId }),
    };
    return writeOrRefuse<Stripe.SetupIntent>({
      account,
      idempotencyKey: await idempotencyKey("setup", input.sessionId, parameters),
      run: (keyed) => stripe.setupIntents.create(parameters, keyed),
      // Nobody holds the secret of an intent whose answer was lost: reconcile cancels it.
      find: () => Promise.resolve(undefined),
    });
  },
});
