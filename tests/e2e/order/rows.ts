import type Stripe from "stripe";
import type { OwnShop, Subscribed } from "../../support/own-shop.ts";

/** What the database holds of one subscription. */
export async function rowsOf({ shop, invoices }: OwnShop, bought: Subscribed) {
  return {
    subscription: await shop.one(
      `select status, stripe_price_id, quantity::int, cancel_at_period_end,
         extract(epoch from current_period_start)::bigint::float8 as current_period_start,
         extract(epoch from current_period_end)::bigint::float8 as current_period_end,
         extract(epoch from ended_at)::bigint::float8 as ended_at
       from billing.subscriptions where stripe_subscription_id = $1`,
      [bought.stripeId],
    ),
    invoices: await invoices(bought),
    refunded: (await shop.one<{ amount: number }>(
      "select amount_refunded::int as amount from billing.payment_intents where stripe_payment_intent_id = $1",
      [bought.session.paymentIntentId],
    )).amount,
    disputes: (await shop.query<{ status: string }>(
      `select d.status from billing.disputes d join billing.payment_intents p on p.id = d.payment_intent_id
       where p.stripe_payment_intent_id = $1 order by d.opened_at, d.stripe_dispute_id`,
      [bought.session.paymentIntentId],
    )).map(({ status }) => status),
    features: (await shop.status(bought.session)).features,
  };
}

/** What has paid an invoice, or is to pay it. */
function intentOf({ payments, metadata, status }: Stripe.Invoice): string | null {
  const all = payments?.data ?? [];
  const intents = [
    all.find((one) => one.status === "paid")?.payment.payment_intent,
    status === "paid" ? metadata?.["payment_intent_id"] : undefined,
    all.find(({ is_default: isDefault }) => isDefault)?.payment.payment_intent,
  ];
  return intents.find((intent) => typeof intent === "string") ?? null;
}

/** What it should hold by what Stripe says, read apart from the code under test. */
export async function rowsByStripe({ shop }: OwnShop, { stripeId, session }: Subscribed) {
  const { stripe } = shop;
  const subscription = await stripe.subscriptions.retrieve(stripeId);
  const [item] = subscription.items.data;
  const { data } = await stripe.invoices.list({
    subscription: stripeId,
    limit: 100,
    expand: ["data.payments"],
  });
  const finalized = data.filter(({ status }) => status !== "draft").toReversed();
  const invoices: object[] = [];
  for (const invoice of finalized) {
    const intent = intentOf(invoice);
    const { data: refunds } = typeof intent === "string"
      ? await stripe.refunds.list({ payment_intent: intent })
      : { data: [] };
    invoices.push({
      id: invoice.id,
      number: invoice.number,
      status: invoice.status,
      billing_reason: invoice.billing_reason,
      currency: invoice.currency,
      amount_due: invoice.amount_due,
      amount_paid: invoice.amount_paid,
      amount_refunded: refunds.reduce((sum, { amount }) => sum + amount, 0),
      attempt_count: invoice.attempt_count,
      intent,
      paid_at: invoice.status_transitions.paid_at,
      next_payment_attempt: invoice.next_payment_attempt,
    });
  }
  const payment_intent = session.paymentIntentId ?? "";
  const { data: refunds } = await stripe.refunds.list({ payment_intent });
  const { data: disputes } = await stripe.disputes.list({ payment_intent });
  const paidLater = finalized.some((invoice) =>
    invoice.status === "paid" && invoice.amount_paid > 0 && intentOf(invoice) !== payment_intent
  );
  const isLost = disputes.some(({ status }) => status === "lost") && !paidLater;
  const isLive = ["active", "trialing", "past_due"].includes(subscription.status);
  const price = item?.price.id;
  const { product } = await shop.one<{ product: string }>(
    `select lower(p.name) as product from billing.products p
     join billing.product_prices pr on pr.product_id = p.id where pr.stripe_price_id = $1`,
    [price],
  );
  return {
    subscription: {
      status: subscription.status,
      stripe_price_id: price,
      quantity: item?.quantity,
      cancel_at_period_end: subscription.cancel_at_period_end,
      current_period_start: item?.current_period_start,
      current_period_end: item?.current_period_end,
      ended_at: subscription.ended_at,
    },
    invoices,
    refunded: refunds.reduce((sum, { amount }) => sum + amount, 0),
    disputes: disputes.toReversed().map(({ status }) => status),
    features: isLive && !isLost ? [`${product}-1`, `${product}-2`] : [],
  };
}

/** Rows of two subscriptions that lived the same life are equal but for names and instants. */
export function withoutNames(
  { subscription, invoices, ...rest }: Awaited<ReturnType<typeof rowsOf>>,
) {
  return {
    ...rest,
    subscription: [
      subscription["status"],
      subscription["stripe_price_id"],
      subscription["quantity"],
      subscription["cancel_at_period_end"],
    ],
    invoices: invoices.map((invoice) => [
      invoice["status"],
      invoice["amount_due"],
      invoice["amount_paid"],
      invoice["amount_refunded"],
      invoice["attempt_count"],
    ]),
  };
}
