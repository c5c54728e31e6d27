import Stripe from "stripe";
import { read } from "./write.ts";

/** What a connected account may do. */
export interface AccountFacts {
  /** Stripe lets this platform act for it. */
  readonly authorized: boolean;
  readonly chargesEnabled: boolean;
}

/** Whether Stripe says that the platform has no access (any more), and not that its key may not read accounts. */
const isRevoked = (error: unknown) =>
  error instanceof Stripe.errors.StripeError && error.code === "account_invalid";

/** The calls about connected accounts. */
export function accounts(stripe: Stripe) {
  return {
    retrieve: (id: string): Promise<AccountFacts> =>
      read(async () => {
        try {
          const { charges_enabled: chargesEnabled } = await stripe.accounts.retrieve(id);
          return { authorized: true, chargesEnabled };
        } catch (error) {
          if (!isRevoked(error)) throw error;
          return { authorized: false, chargesEnabled: false };
        }
      }),
  };
}

export type Accounts = ReturnType<typeof accounts>;
