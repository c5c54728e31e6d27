import type { CreateResponse } from "../../shared/contract/create.ts";
import { letPass, openClockStack } from "./clock-stack.ts";
import { reconcileOf } from "./reconcile.ts";
import type { ShopOptions } from "./shop.ts";

/** What a customer bought, as Stripe names it. */
export interface Subscribed {
  readonly session: CreateResponse;
  readonly stripeId: string;
  readonly customer: string;
  readonly user: string;
}

/** A shop on a stack whose clock moves, and what is done to its subscriptions. */
export async function openOwnShop(options: ShopOptions = {}) {
  const { stack, openShop } = await openClockStack();
  const shop = await openShop(options);

  return {
    stack,
    shop,

    /** See letPass. */
    later: (seconds: number) => letPass(shop, seconds),

    reconcile: () => reconcileOf(stack),

    subscribed: async (user: string = crypto.randomUUID()): Promise<Subscribed> => {
      const session = await shop.create({ user });
      await shop.pay(session);
      await shop.idle();
      const { subscriptions: [subscription] } = await shop.atStripe(session);
      const { customer } = subscription ?? {};
      if (subscription === undefined || typeof customer !== "string") {
        throw new Error("there is no subscription");
      }
      return { session, stripeId: subscription.id, customer, user };
    },

    /** Gives the subscription a card that every later charge is refused on. */
    failFromNowOn: async ({ stripeId, customer }: Subscribed): Promise<void> => {
      const bad = await shop.stripe.paymentMethods.attach(
        "pm_card_chargeCustomerFail",
        { customer },
        shop.onAccount,
      );
      await shop.stripe.subscriptions.update(
        stripeId,
        { default_payment_method: bad.id },
        shop.onAccount,
      );
    },

    /** The newest invoice that is owed, paid with a good card. */
    payOwed: async ({ stripeId, customer }: Subscribed): Promise<void> => {
      const good = await shop.stripe.paymentMethods.attach("pm_card_visa", { customer });
      const { data: [invoice] } = await shop.stripe.invoices.list({
        subscription: stripeId,
        status: "open",
      });
      await shop.stripe.invoices.pay(invoice?.id ?? "", { payment_method: good.id });
      await shop.idle();
    },

    /** The rows of a subscription's invoices, oldest first. */
    invoices: ({ stripeId }: Pick<Subscribed, "stripeId">) =>
      shop.query(
        `select i.stripe_invoice_id as id, i.number, i.status, i.billing_reason, i.currency, i.amount_due::int,
           i.amount_paid::int, i.amount_refunded::int, i.attempt_count, i.stripe_payment_intent_id as intent,
           extract(epoch from i.paid_at)::bigint::float8 as paid_at,
           extract(epoch from i.next_payment_attempt)::bigint::float8 as next_payment_attempt
         from billing.invoices i join billing.subscriptions sub on sub.id = i.subscription_id
         where sub.stripe_subscription_id = $1 order by i.period_start, i.finalized_at, i.stripe_invoice_id`,
        [stripeId],
      ),
  };
}

export type OwnShop = Awaited<ReturnType<typeof openOwnShop>>;
