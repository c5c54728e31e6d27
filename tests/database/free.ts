import { randomUUID } from "node:crypto";
import { beginArguments, type Connection, newToken } from "./support.ts";

/** The arguments with which `complete_free_checkout` is called for a session. */
export interface Free {
  readonly p_session_id: string;
  readonly p_token_id: string;
  readonly p_livemode: boolean;
}

/** Sessions of the free price, in the shop whose key it is. */
export const freeOf = (service: Connection, keyDigest: string) => ({
  openFree: async (user: string = randomUUID(), key?: string): Promise<Free> => {
    const tokenId = await newToken(service, keyDigest, user);
    const begun = await service.call<{ session: { id: string } }>(
      "begin_checkout",
      beginArguments(tokenId, {
        p_price_id: "0b500000-0000-4000-8000-0000000000b1",
        ...(key === undefined ? {} : { p_idempotency_key: key }),
      }),
    );
    return { p_session_id: begun.session.id, p_token_id: tokenId, p_livemode: false };
  },
  subscriptionOf: async (sessionId: string): Promise<string> => {
    const { subscription_id } = await service.row<{ subscription_id: string }>(
      "select subscription_id from billing.checkout_sessions where id = $1",
      [sessionId],
    );
    return subscription_id;
  },
});

export const activate = (free: Free) => (connection: Connection) =>
  connection.call("complete_free_checkout", { ...free });

export const endFree = (subscriptionId: string) => (connection: Connection) =>
  connection.call<boolean>("cancel_free_subscription", { p_subscription_id: subscriptionId });

export const renew = (connection: Connection) =>
  connection.call<number>("renew_free_subscriptions", { p_limit: 10 });
