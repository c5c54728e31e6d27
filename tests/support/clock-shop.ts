import type { CreateResponse } from "../../shared/contract/create.ts";
import { endAll, letPass, openClockStack, stripesNow } from "./clock-stack.ts";

/** A related object's id, as it stands where nothing was expanded. */
export function idOf(related: unknown): string {
  if (typeof related !== "string") throw new Error("there is no id");
  return related;
}

/** A shop on a stack whose clock moves. */
export async function openClockShop() {
  const { stack, openShop } = await openClockStack();
  const shop = await openShop();

  const subscriptionOf = async (session: CreateResponse) => {
    const { id } = await shop.one<{ id: string }>(
      "select stripe_subscription_id as id from billing.subscriptions where checkout_session_id = $1",
      [session.id],
    );
    return shop.stripe.subscriptions.retrieve(id);
  };

  return {
    ...shop,
    /** The endpoint of the functions, for calls that no client makes. */
    functionsUrl: stack.functionsUrl,
    secretKey: stack.secretKey,

    /** Stripe's clock, in Unix seconds. */
    now: () => stripesNow(stack),

    /** See letPass. */
    later: (seconds: number) => letPass(shop, seconds),

    /** See endAll. */
    endAll: () => endAll(shop),

    subscriptionOf,

    /** What was charged for a session and its subscription, in order. */
    async charges(session: CreateResponse): Promise<number[]> {
      const { customer } = await subscriptionOf(session);
      const lists = await Promise.all([
        shop.stripe.charges.list({ customer: idOf(customer), limit: 100 }),
        ...(session.paymentIntentId?.startsWith("pi_")
          ? [shop.stripe.charges.list({ payment_intent: session.paymentIntentId })]
          : []),
      ]);
      const all = new Map(lists.flatMap(({ data }) => data).map((one) => [one.id, one]));
      return [...all.values()].filter(({ paid }) => paid)
        .toSorted((a, b) => a.created - b.created).map(({ amount }) => amount);
    },

    /** The totals of the invoices over something, in order. */
    async invoices(session: CreateResponse): Promise<number[]> {
      const { id } = await subscriptionOf(session);
      const { data } = await shop.stripe.invoices.list({ subscription: id, limit: 100 });
      return data.filter(({ subtotal }) => subtotal > 0)
        .toSorted((a, b) => a.created - b.created).map(({ total }) => total);
    },
  };
}
