import type Stripe from "stripe";
import type { CheckoutIntent } from "./intent-calls.ts";
import { onAccount } from "./payment-intents.ts";
import { read } from "./write.ts";

/** As many types as Stripe lists events by: https://docs.stripe.com/api/events/list#list_events-types */
const TYPES_PER_LIST = 20;

/** Unix seconds, both of them within. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What lies at Stripe that nobody brought to us. Lists are consistent at once; Stripe's search is not. */
export function backlog(stripe: Stripe) {
  return {
    /**
     * Events of that span that a delivery failed for, oldest first. Undefined where they are more than a page holds and
     * the span can be halved: lists begin with the newest, and what is worked in their order could not be gone on with.
     */
    undelivered: (account: string | null, { from, to }: Span, types: string[]) =>
      read(async () => {
        const found: Stripe.Event[] = [];
        for (let start = 0; start < types.length; start += TYPES_PER_LIST) {
          const some = types.slice(start, start + TYPES_PER_LIST);
          const pages = stripe.events.list(
            { delivery_success: false, created: { gte: from, lte: to }, types: some, limit: 100 },
            onAccount(account),
          );
          if ((await pages).has_more && to > from) return undefined;
          for await (const event of pages) found.push(event);
        }
        return found.toReversed().toSorted((one, other) => one.created - other.created);
      }),

    /** The intents of checkout sessions made in that span, those that can still be canceled. */
    openIntents: (account: string | null, since: number, until: number) =>
      read(async () => {
        const found: string[] = [];
        const made = { created: { gte: since, lte: until }, limit: 100 };
        const take = ({ id, status, metadata }: CheckoutIntent) => {
          const isOver = status === "canceled" || status === "succeeded";
          if (metadata?.["checkout_session_id"] !== undefined && !isOver) found.push(id);
        };
        for await (const one of stripe.paymentIntents.list(made, onAccount(account))) take(one);
        for await (const one of stripe.setupIntents.list(made, onAccount(account))) take(one);
        return found;
      }),
  };
}

export type Backlog = ReturnType<typeof backlog>;
