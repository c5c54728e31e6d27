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
export interface Accounts {
  /** What an account may do now; nothing where the merchant took it away from the platform. */
  retrieve(id: string): Promise<AccountFacts>;
}

export const accounts = (stripe: Stripe): Accounts => ({
  retrieve: (id) =>
    read(async () => {
      try {
        const { charges_enabled: chargesEnabled } = await stripe.accounts.retrieve(id);
        return { authorized: true, chargesEnabled };
      } catch (error) {
        if (!isRevoked(error)) throw error;
        return { authorized: false, chargesEnabled: false };
      }
    }),
});
